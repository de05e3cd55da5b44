{{- /* Which nodes packdown's pods and those of its second scheduler go to. */}}
{{- define "packdown.placement" }}
{{- range $key, $value := pick .Values "nodeSelector" "priorityClassName" "tolerations" }}
{{- with $value }}
{{ toYaml (dict $key .) }}
{{- end }}
{{- end }}
{{- end }}
