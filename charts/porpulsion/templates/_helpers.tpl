{{/* Names and labels. */}}
{{- define "porpulsion.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "porpulsion.selectorLabels" -}}
app.kubernetes.io/name: porpulsion
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: agent
{{- end -}}

{{- define "porpulsion.labels" -}}
{{ include "porpulsion.selectorLabels" . }}
app.kubernetes.io/part-of: porpulsion
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The labels of pods that are not the agent: no Service, budget or policy of the agent must choose them. */}}
{{- define "porpulsion.jobLabels" -}}
{{- $labels := include "porpulsion.labels" .root | fromYaml -}}
{{- toYaml (set $labels "app.kubernetes.io/component" .component) -}}
{{- end -}}

{{- define "porpulsion.serviceAccount" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else if .Values.serviceAccount.create -}}
{{- include "porpulsion.fullname" . -}}
{{- else -}}
{{- fail "serviceAccount.create is false: set serviceAccount.name to the one the agent is to use" -}}
{{- end -}}
{{- end -}}

{{/* The role the agent binds to itself in each namespace of a peer. */}}
{{- define "porpulsion.hostRole" -}}
{{ include "porpulsion.clusterName" . }}-host
{{- end -}}

{{/* Roles of the cluster are shared by all namespaces: two releases of one name must not meet there. */}}
{{- define "porpulsion.clusterName" -}}
{{ .Release.Namespace }}-{{ include "porpulsion.fullname" . }}
{{- end -}}

{{- define "porpulsion.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}:{{ $tag }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ $tag }}
{{- end -}}
{{- end -}}

{{/* Required values. The messages say what to set, because this is the first thing a new user meets. */}}
{{- define "porpulsion.agentName" -}}
{{- $name := .Values.agent.agentName -}}
{{- if not $name -}}
{{- fail "agent.agentName is not set: how shall this cluster introduce itself to peers? For example --set agent.agentName=home" -}}
{{- else if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" $name) -}}
{{- fail (printf "agent.agentName %q is not a DNS label: lower-case letters, digits and \"-\", starting and ending with a letter or digit, at most 63 characters" $name) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "porpulsion.selfUrl" -}}
{{- $url := .Values.agent.selfUrl -}}
{{- if .Values.agent.outboundOnly -}}
{{- if $url -}}
{{- fail "agent.outboundOnly and agent.selfUrl exclude each other: either peers reach this cluster, or it dials them" -}}
{{- end -}}
{{- else if not $url -}}
{{- fail "agent.selfUrl is not set: where do peers reach this cluster? For example --set agent.selfUrl=https://porpulsion.example.com; if they cannot, --set agent.outboundOnly=true" -}}
{{- else if not (regexMatch "^https?://[^/?#@\\s]+/?$" $url) -}}
{{- fail (printf "agent.selfUrl %q is not a URL without path, such as https://porpulsion.example.com" $url) -}}
{{- else if and (hasPrefix "http://" $url) (not .Values.agent.allowInsecureUrl) -}}
{{- fail (printf "agent.selfUrl %q is not https: whoever is on the way would see who talks to whom. Use https://, or --set agent.allowInsecureUrl=true where that does not matter" $url) -}}
{{- end -}}
{{- $url -}}
{{- end -}}

{{/* `porpulsion.example.com` of `https://porpulsion.example.com:8443/` */}}
{{- define "porpulsion.selfHost" -}}
{{- regexReplaceAll "(:[0-9]+)?/?$" (regexReplaceAll "^https?://" (include "porpulsion.selfUrl" .) "") "" -}}
{{- end -}}

{{/* Pod Security level "restricted". What the user adds never takes any of it away. */}}
{{- define "porpulsion.podSecurityContext" -}}
{{- $restricted := dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.podSecurityContext) $restricted) -}}
{{- end -}}

{{- define "porpulsion.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Ports the agent listens on for Services of apps with `expose: true`. */}}
{{- define "porpulsion.exposedPorts" -}}
{{- $first := int .Values.exposures.firstPort -}}
{{- $last := int .Values.exposures.lastPort -}}
{{- if lt $last $first -}}
{{- fail (printf "exposures.lastPort %d is below exposures.firstPort %d" $last $first) -}}
{{- end -}}
{{- printf "%d-%d" $first $last -}}
{{- end -}}

{{/* What such Services select: the very pods that the agent's own Services do. */}}
{{- define "porpulsion.exposedSelector" -}}
{{- $pairs := list -}}
{{- range $key, $value := include "porpulsion.selectorLabels" . | fromYaml -}}
{{- $pairs = append $pairs (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/* Where pods of the chart run, and how their image is fetched. */}}
{{- define "porpulsion.podPlacement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
What a controller needs to let WebSockets live. A link is never silent for more than 10 s, but nginx counts bytes of
each direction, and some ping timers do not count pings. Traefik passes them without settings.
*/}}
{{- define "porpulsion.ingressAnnotations" -}}
{{- $settings := dict -}}
{{- if eq .controller "nginx" -}}
{{- $settings = dict "nginx.ingress.kubernetes.io/proxy-read-timeout" "3600" "nginx.ingress.kubernetes.io/proxy-send-timeout" "3600" "nginx.ingress.kubernetes.io/proxy-buffering" "off" "nginx.ingress.kubernetes.io/proxy-request-buffering" "off" -}}
{{- else if eq .controller "traefik" -}}
{{- if .tls -}}
{{- $settings = dict "traefik.ingress.kubernetes.io/router.entrypoints" "websecure" "traefik.ingress.kubernetes.io/router.tls" "true" -}}
{{- end -}}
{{- else if eq .controller "haproxy" -}}
{{- $settings = dict "haproxy.org/timeout-server" "1h" "haproxy-ingress.github.io/timeout-server" "1h" "haproxy-ingress.github.io/timeout-tunnel" "1h" -}}
{{- end -}}
{{- $all := mergeOverwrite $settings (deepCopy .annotations) -}}
{{- if $all -}}
{{- toYaml $all -}}
{{- end -}}
{{- end -}}

{{/* A part of the retirement; the argument is its weight. What failed stays, so that its log can be read. */}}
{{- define "porpulsion.retireHook" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{- /* Browsers are sent to https, unless the way in to the apps has no TLS. */ -}}
{{- define "porpulsion.proxyDomain" -}}
{{- if and .Values.appsIngress.enabled (not .Values.appsIngress.tls) }}http://{{ end }}{{ .Values.agent.proxyDomain }}
{{- end }}
