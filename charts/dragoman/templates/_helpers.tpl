{{- define "dragoman.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "dragoman.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dragoman.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "dragoman.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "dragoman.configMap" -}}
{{- .Values.existingConfigMap | default (printf "%s-config" (include "dragoman.fullname" .)) }}
{{- end }}

{{/* What the containers of our own image and Envoy's share: no rights, nothing to write to. */}}
{{- define "dragoman.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Where the variables that the configuration names come from. */}}
{{- define "dragoman.keys" -}}
{{- range $index, $name := concat (list .Values.keysSecret) .Values.furtherSecrets }}
{{- if $index }}
{{ end -}}
- secretRef: {name: {{ $name }}}
{{- end }}
{{- end }}

{{- define "dragoman.redisLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-redis
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Where the token of the admin port comes from. */}}
{{- define "dragoman.adminToken" -}}
{name: {{ .Values.adminToken.secret | quote }}, key: {{ .Values.adminToken.key | quote }}}
{{- end }}

{{/* Variables of our own containers besides the keys. */}}
{{- define "dragoman.variables" -}}
{{- $redis := dict "name" "REDIS_URL" "value" (printf "redis://%s-redis:6379/0" (include "dragoman.fullname" .)) }}
{{- $token := dict "name" "ADMIN_TOKEN" "valueFrom" (dict "secretKeyRef" (include "dragoman.adminToken" . | fromYaml)) }}
{{- with concat (ternary (list $redis) list .Values.redis.enabled) (ternary (list $token) list (ne .Values.adminToken.secret "")) .Values.extraEnv }}
{{- toYaml . }}
{{- end }}
{{- end }}
