"""A FastAPI application with one constant route: what the complete one's is compared with."""

from fastapi import FastAPI, Response

app = FastAPI()


@app.get("/constant")
async def constant() -> Response:
    return Response(b'{"status":"ok"}', media_type="application/json")
