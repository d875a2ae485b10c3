# The gateway in a container: not root, nothing to write but /var/lib/sallyport and /tmp.
FROM node:22-bookworm-slim AS assets
WORKDIR /work
COPY web/pages/package.json web/pages/package-lock.json web/pages/.npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.13-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/sallyport --create-home sallyport
WORKDIR /opt/sallyport
COPY requirements.lock pyproject.toml README.md LICENSE scripts/build_lock.sh ./
RUN bash build_lock.sh requirements.lock > build.lock && pip install --no-cache-dir --require-hashes -r build.lock \
 && pip install --no-cache-dir --require-hashes --no-build-isolation --use-pep517 -r requirements.lock
COPY domain domain
COPY watch watch
COPY config config
COPY classifiers classifiers
COPY register register
COPY vault vault
COPY gateway gateway
COPY web web
COPY scripts/assets.py scripts/assets.py
COPY --from=assets /work/node_modules/govuk-frontend/dist/govuk /tmp/govuk
RUN python scripts/assets.py /tmp/govuk web/pages/static/govuk && rm -r /tmp/govuk
COPY demo demo
COPY cli cli
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
USER sallyport
WORKDIR /var/lib/sallyport
ENV SALLYPORT_CONFIG=/etc/sallyport/sallyport.toml PYTHONUNBUFFERED=1
EXPOSE 2525
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import smtplib; smtplib.SMTP('127.0.0.1', 2525, timeout=4).noop()"]
ENTRYPOINT ["sallyport"]
CMD ["relay"]
