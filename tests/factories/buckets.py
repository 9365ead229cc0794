"""A real server that speaks S3, on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from moto.server import ThreadedMotoServer

from app.integrations.storage.s3 import Bucket


@contextmanager
def s3_server() -> Iterator[Bucket]:
    """Yield a new bucket of a server that runs meanwhile."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        httpx.put(f"{endpoint}/pictures").raise_for_status()
        yield Bucket(endpoint, "pictures", "us-east-1", "id", "secret")
    finally:
        server.stop()
