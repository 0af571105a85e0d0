# The server with its production dependencies alone. TypeScript runs as it is; the web app is built by a stage that is left behind.
#
#   docker build -t extropy . && docker run -p 8000:8000 -v extropy:/data extropy
FROM node:26-slim AS web
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY tooling/tsconfig.base.json tooling/
COPY packages/client packages/client
COPY apps/web apps/web
RUN npx -y pnpm@12 install --frozen-lockfile --ignore-scripts --filter @extropy/web
RUN npx -y pnpm@12 install --frozen-lockfile --ignore-scripts --prod --filter @extropy/client
RUN node apps/web/scripts/build.ts

FROM node:26-slim AS install
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY tooling/drop-foreign-binaries.mjs tooling/
COPY packages/db packages/db
COPY packages/cache packages/cache
COPY packages/intake packages/intake
COPY packages/api packages/api
COPY apps/server apps/server
COPY apps/web/package.json apps/web/
COPY apps/web/scripts apps/web/scripts
COPY --from=web /app/apps/web/dist apps/web/dist
RUN npx -y pnpm@12 install --prod --frozen-lockfile --filter "@extropy/server..."

FROM node:26-slim
RUN mkdir /data && chown node:node /data
COPY --from=install /app /app
WORKDIR /app
USER node
# All that is written goes to /data: the rest may be mounted read-only.
ENV NODE_ENV=production HOST=0.0.0.0 DATABASE_URL=/data/extropy MODEL_CACHE_DIR=/data/models
# What the model's thread has freed goes back to the machine: some 40 MB less at rest.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8000}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/server/src/main.ts"]
