export interface InstallFacts {
  /** `https://deckle.example.com`. */
  readonly url: string
  readonly token: string
  /** Of the agent, hexadecimal. */
  readonly sha256: string
}

/**
 * What `curl -fsSL <server>/v1/scripts/<token> | sh` runs on a host that has Node 18 and nothing else of ours: fetches the agent,
 * compares its checksum, and starts it, as a service where systemd is and root asks, else in the background. Arguments go to the
 * agent: `| sh -s -- --label zone=eu`.
 */
export function installScript({ url, token, sha256 }: InstallFacts): string {
  return `#!/bin/sh
# Joins this host to Deckle at ${url.replaceAll(/[^\x21-\x7e]/g, '')}. Arguments are passed to the agent: --label zone=eu, --engine <socket> ...
# Run it with DECKLE_AGENT_SERVICE=none to only fetch the agent and print how to start it.
set -eu
url=${quoted(url)}
token=${quoted(token)}
sha256=${quoted(sha256)}

fail() { echo "deckle agent: $1" >&2; exit 1; }

command -v curl >/dev/null || fail 'curl is missing'
node=$(command -v node || command -v nodejs) || fail 'Node.js 18 or later is missing: https://nodejs.org'
"$node" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' ||
  fail "Node.js 18 or later is needed, this is $("$node" --version)"

if [ "$(id -u)" = 0 ]; then folder=\${DECKLE_AGENT_DIR:-/var/lib/deckle-agent}
else folder=\${DECKLE_AGENT_DIR:-\${XDG_STATE_HOME:-$HOME/.local/state}/deckle-agent}; fi
mkdir -p "$folder"
chmod 700 "$folder"
agent=$folder/deckle-agent.js

curl -fsSL "$url/agent/deckle-agent.js" -o "$agent.new" || fail "the agent cannot be fetched from $url"
"$node" -e '
  const sum = require("crypto").createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex")
  process.exit(sum === process.argv[2] ? 0 : 1)' "$agent.new" "$sha256" || fail 'the checksum of the agent is wrong; try again'
mv "$agent.new" "$agent"

# The token is good once it was used: afterwards the agent has keys of its own in its folder.
umask 077
printf 'DECKLE_AGENT_URL=%s\\nDECKLE_AGENT_TOKEN=%s\\n' "$url" "$token" > "$folder/environment"

service=\${DECKLE_AGENT_SERVICE:-auto}
if [ "$service" = auto ]; then
  if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ]; then service=systemd; else service=background; fi
fi

case $service in
systemd)
  line="\\"$node\\" \\"$agent\\" --state-dir \\"$folder\\""
  for argument in "$@"; do
    line="$line \\"$(printf %s "$argument" | sed 's/[\\\\"]/\\\\&/g; s/%/%%/g; s/\\$/$$/g')\\""
  done
  cat > /etc/systemd/system/deckle-agent.service <<UNIT
[Unit]
Description=Deckle host agent
After=network-online.target docker.service podman.socket
Wants=network-online.target

[Service]
EnvironmentFile=$folder/environment
ExecStart=$line
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable deckle-agent.service
  systemctl restart deckle-agent.service
  echo 'The agent runs as deckle-agent.service; journalctl -u deckle-agent shows what it does.'
  ;;
background)
  if [ -f "$folder/pid" ]; then kill "$(cat "$folder/pid")" 2>/dev/null || true; fi
  DECKLE_AGENT_URL=$url DECKLE_AGENT_TOKEN=$token nohup "$node" "$agent" --state-dir "$folder" "$@" \\
    >> "$folder/log" 2>&1 < /dev/null &
  echo $! > "$folder/pid"
  echo "The agent runs in the background (process $!); $folder/log shows what it does. It does not survive a restart of this host."
  ;;
none)
  echo "To start the agent: env \\$(cat $folder/environment) $node $agent --state-dir $folder $*"
  ;;
*) fail "DECKLE_AGENT_SERVICE is systemd, background or none, not $service" ;;
esac
`
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
