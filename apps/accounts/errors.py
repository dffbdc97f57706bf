from apps.core.errors import Conflict


class SlugTaken(Conflict):
    code = "slug_taken"
