{{- /* Of a ServiceAccount, so that all that runs as it has them: the clean-up that takes packdown away again as well. */}}
{{- define "packdown.pullSecrets" }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
