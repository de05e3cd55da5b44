// Package serving is what the peers' servers have in common.
package serving

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

var (
	cert = flag.String("tls-cert", "", "PEM")
	key  = flag.String("tls-key", "", "PEM")
)

// Run serves HTTPS on a free port of 127.0.0.1, which it tells as packdown does. The flags are parsed by then.
func Run(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, `{"msg":"serving","port":%d}`+"\n", listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: handler}
	log.Fatal(server.ServeTLS(listener, *cert, *key))
}
