"""Asking how it was, a while after it was over."""

from app.bootstrap import Services
from app.tasks.schedule import every


@every("*/15 * * * *")
async def invite_reviews(services: Services) -> int:
    return await services.review_moderation.invite_some()
