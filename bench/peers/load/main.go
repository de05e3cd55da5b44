// Sends one body again and again over some kept connections, each the next one as soon as it has its answer, or so many
// a second in all. Reads a job a line (JSON) and writes a result a line.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

type job struct {
	Port        int     `json:"port"`
	Path        string  `json:"path"`
	Body        string  `json:"body"`
	Connections int     `json:"connections"`
	Seconds     float64 `json:"seconds"`
	// Per second over all connections; 0 for as many as there can be.
	Rate float64 `json:"rate"`
}

// Times in milliseconds.
type result struct {
	Requests int     `json:"requests"`
	Seconds  float64 `json:"seconds"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
	Bytes    int     `json:"bytes"`
}

func main() {
	ca := flag.String("ca", "", "PEM")
	flag.Parse()
	pem, err := os.ReadFile(*ca)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: roots, NextProtos: []string{"http/1.1"}}

	jobs := json.NewDecoder(os.Stdin)
	results := json.NewEncoder(os.Stdout)
	for {
		var next job
		if err := jobs.Decode(&next); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		found, err := run(next, config)
		if err != nil {
			log.Fatalf("%s: %v", next.Path, err)
		}
		if err := results.Encode(found); err != nil {
			log.Fatal(err)
		}
	}
}

func run(job job, config *tls.Config) (result, error) {
	address := fmt.Sprintf("127.0.0.1:%d", job.Port)
	head := fmt.Sprintf("POST %s?timeout=5s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kube-apiserver\r\nContent-Type: application/json\r\nAccept: application/json, */*\r\nContent-Length: %d\r\n\r\n", job.Path, address, len(job.Body))
	request := []byte(head + job.Body)
	lanes := make([]lane, job.Connections)
	for i := range lanes {
		plain, err := net.Dial("tcp", address)
		if err != nil {
			return result{}, err
		}
		secured := config.Clone()
		secured.ServerName = "localhost"
		lanes[i] = lane{connection: tls.Client(plain, secured)}
		lanes[i].reader = bufio.NewReaderSize(lanes[i].connection, 64*1024)
		defer lanes[i].connection.Close()
	}
	begin := time.Now()
	end := begin.Add(time.Duration(job.Seconds * float64(time.Second)))
	var group sync.WaitGroup
	for i := range lanes {
		group.Go(func() {
			var pause time.Duration
			due := begin
			if job.Rate > 0 {
				pause = time.Duration(float64(job.Connections) / job.Rate * float64(time.Second))
				due = begin.Add(pause * time.Duration(i) / time.Duration(job.Connections))
			}
			lanes[i].send(request, end, due, pause)
		})
	}
	group.Wait()
	elapsed := time.Since(begin).Seconds()
	var times []time.Duration
	bytes := 0
	for i := range lanes {
		if lanes[i].err != nil {
			return result{}, lanes[i].err
		}
		times = append(times, lanes[i].times...)
		bytes = lanes[i].bytes
	}
	slices.Sort(times)
	at := func(share float64) float64 {
		place := min(len(times)-1, int(float64(len(times))*share))
		return float64(times[place].Microseconds()) / 1000
	}
	return result{Requests: len(times), Seconds: elapsed, P50: at(0.5), P99: at(0.99), Bytes: bytes}, nil
}

type lane struct {
	connection *tls.Conn
	reader     *bufio.Reader
	times      []time.Duration
	bytes      int
	err        error
}

// A request that is late is timed from when it was due.
func (lane *lane) send(request []byte, end, due time.Time, pause time.Duration) {
	for {
		begin := time.Now()
		if pause > 0 {
			time.Sleep(due.Sub(begin))
			begin = due
			due = due.Add(pause)
		}
		if !time.Now().Before(end) && len(lane.times) > 0 {
			return
		}
		if _, lane.err = lane.connection.Write(request); lane.err != nil {
			return
		}
		response, err := http.ReadResponse(lane.reader, nil)
		if err != nil {
			lane.err = err
			return
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			lane.err = fmt.Errorf("answered %s %.200s (%v)", response.Status, body, err)
			return
		}
		lane.bytes = len(body)
		lane.times = append(lane.times, time.Since(begin))
	}
}
