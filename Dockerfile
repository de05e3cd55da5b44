FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts, the Node.js that a checkout brings as a development dependency is not downloaded: this image has its own.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run -s build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
ENV NODE_ENV=production
# glibc otherwise keeps an arena for each thread, and with them what a planner's thread has given back.
ENV MALLOC_ARENA_MAX=1
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER nonroot
EXPOSE 8443 8080
# By default V8 keeps as much of short-lived objects as a fleet of 150,000 pods takes (npm run bench:live), and collects them so
# seldom that bodies, which lie outside its heap, make it go through all of the heap again and again (npm run bench).
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "dist/main.js"]
