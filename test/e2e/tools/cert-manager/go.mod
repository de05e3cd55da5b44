// The definitions of cert-manager's kinds, for the end-to-end tests. Only ever downloaded: nothing is built of it.
module packdown.io/e2e/tools/cert-manager

go 1.26.0

require github.com/cert-manager/cert-manager v1.21.2
