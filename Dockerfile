FROM python:3.13-slim AS build

RUN python -m venv --without-pip /venv
COPY requirements.txt /
RUN pip --python /venv/bin/python install --no-cache-dir --only-binary :all: \
    --require-hashes --requirement /requirements.txt

COPY alembic.ini /app/
COPY alembic /app/alembic
COPY app /app/app
RUN /venv/bin/python -m compileall -q /app


FROM python:3.13-slim

RUN useradd --system --uid 10001 --home-dir /data banister \
    && install --directory --owner banister /data
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY deploy/banister /usr/local/bin/

ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /data
USER banister
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/live', timeout=2)"]

ENTRYPOINT ["banister"]
CMD ["serve"]
