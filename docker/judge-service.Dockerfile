# syntax=docker/dockerfile:1
# Judges matches and decides rounds.
# Built from the repository's root: docker build --file docker/judge-service.Dockerfile --tag tiltyard/judge-service .

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json ./
COPY packages packages
COPY services services
# Compiled with the development tools, then deployed without them: this service and what it depends on.
# Declarations and source maps are for those tools. A checkout may be closed to other users, and the service runs as one.
# No install scripts: the one that compiles an addon is for rendering, which this service does not do.
RUN pnpm="npx --yes pnpm@12.21.0" \
 && export CI=true \
 && $pnpm install --frozen-lockfile --ignore-scripts --filter tiltyard --filter "@tiltyard/judge-service..." \
 && node node_modules/typescript/bin/tsc -b services/judge-service \
 && $pnpm --filter "@tiltyard/judge-service" deploy --prod --ignore-scripts /deployed \
 && find /deployed -type f \( -name "*.ts" -o -name "*.map" \) -delete \
 && chmod -R a+rX /deployed

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git openssh-client ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /deployed /app
# /data holds the service's private clone; losing it costs a fetch. /objects is for a store in a folder.
RUN install --directory --owner=node --group=node /data /objects
VOLUME /data
# Which commit this image was built from; it goes into every round's rules.json.
ARG TILTYARD_COMMIT=""
ENV NODE_ENV=production LEDGER_DIR=/data/ledger HTTP_HOST=0.0.0.0 HTTP_PORT=9100 TILTYARD_COMMIT=$TILTYARD_COMMIT
EXPOSE 9100
USER node
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.HTTP_PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
