"""What runs on one machine: the embedded servers, the supervisor behind `manage.py up`, health and the boot check.

- `places`, `generated_secrets`: where things are kept, and the secrets that the first run makes.
- `processes`, `privileges`: child processes that never outlive their parent; PostgreSQL's own account when root.
- `postgres`, `valkey`, `embedded`: the two servers from their wheels, for `up` and for the tests.
- `supervisor`, `plan`: which parts run, in which order, and what happens when one dies.
- `health`, `checks`, `tasks`: `/healthz`, `/readyz`, the refusal to run on an unsafe database, the worker's heartbeat.
"""
