# The production image: no embedded servers, no development tools.
#
#   docker build --target app -t throughline .          web, stream, worker, beat, prepare
#   docker build --target front -t throughline-front .  the front door, with the static files in it

FROM python:3.13-slim AS app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH
WORKDIR /srv/throughline
COPY pyproject.toml requirements.lock ./
# The project's own dependencies alone, at the lock's versions and checked against the lock's hashes: as a constraint
# the lock pins and verifies without adding the groups that it also holds, so one lock serves both.
RUN pip install --no-cache-dir --root-user-action=ignore uv \
    && uv venv "$VIRTUAL_ENV" \
    && uv pip install --no-cache --compile-bytecode --verify-hashes --constraint requirements.lock --requirement pyproject.toml \
    && pip uninstall --yes --root-user-action=ignore uv
COPY manage.py ./
COPY config config
COPY apps apps
# Nothing of these stand-in settings stays: collecting files reads none of the secrets.
RUN python -m compileall -q apps config \
    && DATA_DIR=/srv/data DJANGO_SETTINGS_MODULE=config.settings_for_types python manage.py collectstatic --no-input -v 0 \
    && useradd --system --uid 10001 --home-dir /srv/data throughline \
    && chown -R throughline /srv/data
USER throughline
ENV DATA_DIR=/srv/data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "1", \
     "--no-ws", "--log-level", "warning", "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "8", \
     "config.wsgi:application"]

FROM caddy:2.11-alpine AS front
COPY config/Caddyfile /etc/caddy/Caddyfile
COPY --from=app /srv/data/static /srv/static
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
