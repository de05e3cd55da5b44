// A scheduler extender as its authors write it: kube-scheduler's own types, net/http, scores from a map in memory.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"

	extender "k8s.io/kube-scheduler/extender/v1"

	"packdown.io/bench/peers/serving"
)

func main() {
	nodes := flag.Int("nodes", 0, "how many nodes have a score: node-0 and so on")
	flag.Parse()
	scores := make(map[string]int64, *nodes)
	for n := range *nodes {
		scores[fmt.Sprintf("node-%d", n)] = int64(n) % (extender.MaxExtenderPriority + 1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /scheduler/prioritize", func(response http.ResponseWriter, request *http.Request) {
		var args extender.ExtenderArgs
		if err := json.NewDecoder(request.Body).Decode(&args); err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		if args.Pod == nil || args.NodeNames == nil {
			http.Error(response, "Pod or NodeNames is missing", http.StatusBadRequest)
			return
		}
		priorities := make(extender.HostPriorityList, 0, len(*args.NodeNames))
		for _, name := range *args.NodeNames {
			priorities = append(priorities, extender.HostPriority{Host: name, Score: scores[name]})
		}
		response.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(response).Encode(priorities); err != nil {
			log.Print(err)
		}
	})
	serving.Run(mux)
}
