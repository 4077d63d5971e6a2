#!/bin/sh
# Makes the certificates of these tests anew: an authority, a server known as 127.0.0.1 and api.test, two clients.
# Valid from 2020 to 2120, so that no machine's clock is outside.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
: >"$work/index"
echo 01 >"$work/serial"
cat >"$work/config" <<END
[ca]
default_ca = here
[here]
dir = $work
database = $work/index
new_certs_dir = $work
serial = $work/serial
default_md = sha256
policy = anything
[anything]
commonName = supplied
organizationName = optional
[req]
distinguished_name = none
[none]
END
issue() { # name, subject, extensions, signing options
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key.pem"
  openssl req -new -config "$work/config" -key "$1.key.pem" -subj "$2" -out "$work/request"
  printf '%s\n' "$3" >"$work/extensions"
  shift 3
  openssl ca -batch -notext -config "$work/config" -startdate 20200101000000Z -enddate 21200101000000Z \
    -in "$work/request" -extfile "$work/extensions" "$@"
}
issue ca '/CN=kit test authority' 'basicConstraints=critical,CA:true' \
  -selfsign -keyfile ca.key.pem -out ca.pem
set -- -cert ca.pem -keyfile ca.key.pem
issue server '/CN=server' 'subjectAltName=IP:127.0.0.1,DNS:api.test' "$@" -out server.pem
issue client-a '/O=tests/CN=client-a' 'extendedKeyUsage=clientAuth' "$@" -out client-a.pem
issue client-b '/O=tests/CN=client-b' 'extendedKeyUsage=clientAuth' "$@" -out client-b.pem
rm -r "$work" ca.key.pem
