#!/usr/bin/env bash
# Installs lavapipe, Mesa's Vulkan driver for CPUs, from Debian's backports: Dawn refuses the Mesa 22.3 of
# Debian 12. Where backports are not configured yet, their source is a copy of the machine's own source for
# its release, so mirrors, keys and proxies stay what the machine's owner chose. Needs root and apt; may be
# run again.
set -euo pipefail

if ! command -v apt-get >/dev/null; then
  echo "install-lavapipe: this is not a Debian-like system; install Mesa's Vulkan drivers with its own package manager" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "install-lavapipe: apt-get needs root; run: sudo $0" >&2
  exit 1
fi

release=$(. /etc/os-release && echo "${VERSION_CODENAME:?no VERSION_CODENAME in /etc/os-release}")
backports="$release-backports"
sources=/etc/apt/sources.list.d
shopt -s nullglob

# Prints the stanzas (deb822) that are enabled and offer binary packages of suite $1, with $2 as their only
# suite.
copy_stanzas() {
  awk -v suite="$1" -v target="$2" '
    function flush() {
      if (has_suite && binary && !disabled) printf "%s\n", stanza
      stanza = field = ""; has_suite = binary = disabled = 0
    }
    FNR == 1 || /^[ \t\r]*$/ { flush() }
    /^[ \t\r]*$/ || /^#/ { next }
    /^[^ \t]/ { field = tolower($1) }
    {
      for (i = 1; i <= NF; i++) {
        if (field == "suites:" && $i == suite) has_suite = 1
        if (field == "types:" && $i == "deb") binary = 1
        if (field == "enabled:" && tolower($i) ~ /^(no|false)$/) disabled = 1
      }
    }
    field == "suites:" { if (/^[^ \t]/) stanza = stanza "Suites: " target "\n"; next }
    field == "types:" { if (/^[^ \t]/) stanza = stanza "Types: deb\n"; next }
    { stanza = stanza $0 "\n" }
    END { flush() }
  ' "${@:3}" /dev/null
}

# The same for one-line sources: deb [options] URI suite components.
copy_lines() {
  awk -v suite="$1" -v target="$2" '
    $1 == "deb" {
      at = 2
      if ($2 ~ /^\[/) while ($at !~ /\]$/ && at < NF) at++
      if ($2 ~ /^\[/) at++
      if ($(at + 1) == suite) { $(at + 1) = target; print }
    }
  ' "${@:3}" /dev/null
}

stanza_files=("$sources"/*.sources)
line_files=("$sources"/*.list)
if [ -f /etc/apt/sources.list ]; then line_files+=(/etc/apt/sources.list); fi

if [ -z "$(copy_stanzas "$backports" x "${stanza_files[@]}")$(copy_lines "$backports" x "${line_files[@]}")" ]; then
  stanzas=$(copy_stanzas "$release" "$backports" "${stanza_files[@]}")
  lines=$(copy_lines "$release" "$backports" "${line_files[@]}")
  if [ -n "$stanzas" ]; then
    printf '%s\n' "$stanzas" >"$sources/$backports.sources"
  elif [ -n "$lines" ]; then
    printf '%s\n' "$lines" >"$sources/$backports.list"
  else
    echo "install-lavapipe: apt has no source for $release to derive $backports from; add one to $sources" >&2
    exit 1
  fi
  echo "install-lavapipe: added $backports to $sources"
fi

apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -t "$backports" mesa-vulkan-drivers libvulkan1
dpkg-query --show --showformat='install-lavapipe: ${Package} ${Version}\n' mesa-vulkan-drivers libvulkan1
