# syntax=docker/dockerfile:1
# Checks a competition's state repository: the tiltyard command without what renders, stores objects, embeds and runs a
# competition.
# Built from the repository's root: docker build --file docker/auditor.Dockerfile --tag tiltyard/auditor .
#
#     docker run --rm tiltyard/auditor audit https://github.com/ORGANISATION/COMPETITION

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json ./
COPY packages packages
# Compiled with the development tools, then deployed without them: the command and what auditing depends on.
# Declarations and source maps are for those tools. A checkout may be closed to other users, and the command runs as one.
RUN pnpm="npx --yes pnpm@12.21.0" \
 && export CI=true \
 && $pnpm install --frozen-lockfile --ignore-scripts --filter tiltyard --filter "@tiltyard/cli..." \
 && node node_modules/typescript/bin/tsc -b packages/cli \
 && $pnpm --filter "@tiltyard/cli" deploy --prod --no-optional --ignore-scripts /deployed \
 && find /deployed -type f \( -name "*.ts" -o -name "*.map" \) -delete \
 && chmod -R a+rX /deployed

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git openssh-client ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /deployed /app
ENV NODE_ENV=production
USER node
ENTRYPOINT ["node", "/app/bin/tiltyard.js"]
CMD ["audit", "--help"]
