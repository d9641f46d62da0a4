# syntax=docker/dockerfile:1
# Reads the chain, downloads, checks, renders and stores miners' files.
# Built from the repository's root: docker build --file docker/submission-collector.Dockerfile --tag tiltyard/submission-collector .

FROM node:24-bookworm-slim AS build
# What headless-gl's addon is compiled with. Node's headers are next to Node in this image: nothing is downloaded for it.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends g++ make python3 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json ./
COPY packages packages
COPY services services
# Compiled with the development tools, then deployed without them: this service and what it depends on.
# Declarations and source maps are for those tools. A checkout may be closed to other users, and the service runs as one.
RUN pnpm="npx --yes pnpm@12.21.0" \
 && export CI=true \
 && $pnpm install --frozen-lockfile --ignore-scripts --filter tiltyard --filter "@tiltyard/submission-collector..." \
 && node node_modules/typescript/bin/tsc -b services/submission-collector \
 && npm_config_nodedir=/usr/local npm_config_build_from_source=true \
    $pnpm --filter "@tiltyard/submission-collector" deploy --prod /deployed \
 && find /deployed -type f \( -name "*.ts" -o -name "*.map" \) -delete \
 && chmod -R a+rX /deployed

FROM node:24-bookworm-slim
# git and ssh for the ledger; the others for rendering on the processor (Mesa's lavapipe) or on a GPU whose driver the host gives.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git openssh-client ca-certificates \
      mesa-vulkan-drivers libvulkan1 libx11-6 libxext6 libxcb1 libdrm2 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /deployed /app
# ANGLE looks for the Vulkan loader only next to its addon.
RUN loader="$(ldconfig -p | sed -n 's/.*libvulkan\.so\.1 .*=> //p' | head -n 1)" \
 && test -n "$loader" \
 && ln -s "$loader" "$(readlink -f node_modules/@tiltyard/render/../../gl)/build/Release/libvulkan.so.1"
# Mesa's lavapipe crashes now and then at other vector widths.
ENV LP_NATIVE_VECTOR_WIDTH=256
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
