"""Files in a bucket that speaks S3: Amazon's, MinIO, Ceph, R2 and others."""

from dataclasses import dataclass, field
from datetime import timedelta

from obstore.store import ObjectStore, S3Store

from app.integrations.storage.objects import SECONDS, ObjectStorage


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where it is and who we are there; `seconds` is what a call may take with all its tries."""

    endpoint: str
    name: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    seconds: float = SECONDS


class S3Storage(ObjectStorage):
    """The bucket must be there, and its key allowed to list it: or what is missing is a 403."""

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(seconds=bucket.seconds)
        self._bucket = bucket

    def _open(self) -> ObjectStore:
        bucket = self._bucket
        return S3Store(
            bucket.name,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.key_id,
            secret_access_key=bucket.secret,
            client_options={
                "connect_timeout": timedelta(seconds=2),
                "timeout": timedelta(seconds=4),
                "allow_http": bucket.endpoint.startswith("http://"),
            },
            retry_config={
                "max_retries": 2,
                "retry_timeout": timedelta(seconds=bucket.seconds),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=1),
                    "base": 2,
                },
            },
        )
