// A validating webhook as controller-runtime makes it: reads a review and the Scale in it, and allows.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"

	"github.com/go-logr/logr"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"packdown.io/bench/peers/serving"
)

const path = "/validate"

func main() {
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	scheme := runtime.NewScheme()
	if err := autoscalingv1.AddToScheme(scheme); err != nil {
		log.Fatal(err)
	}
	decoder := admission.NewDecoder(scheme)
	allow := func(_ context.Context, request admission.Request) admission.Response {
		var scale autoscalingv1.Scale
		if err := decoder.Decode(request, &scale); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
		return admission.Allowed("")
	}
	hook := &admission.Webhook{Handler: admission.HandlerFunc(allow)}
	// With its metrics, as the server that a manager starts has them.
	handler, err := admission.StandaloneWebhook(hook, admission.StandaloneOptions{MetricsPath: path})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	serving.Run(mux)
}
