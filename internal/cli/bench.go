package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// bench measures this program on this machine, beside what the machine can do
// at best. It fails when an answer is wrong, never because one is slow.
func (e *env) bench() *cobra.Command {
	c := &cobra.Command{Use: "bench", Short: "Measure this program on this machine, beside the raw limit", Args: usage(cobra.NoArgs),
		RunE: needsCommand}
	c.AddCommand(e.benchHTTP(), e.benchIngest(), e.benchCrowd(), e.benchCapacity(), e.benchMail(), e.benchHostile(), e.benchBytes())
	return c
}

// machine is where the figures come from.
type machine struct {
	CPUs int    `json:"cpus"`
	OS   string `json:"os"`
	Go   string `json:"go"`
}

func thisMachine() machine {
	return machine{CPUs: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
}

// benchOut prints sections for people as they come, or everything as one JSON
// object in the end.
type benchOut struct {
	w    io.Writer
	json bool
}

func (o benchOut) section(title string, rows ...[]string) {
	if !o.json {
		table(o.w, title, rows...)
	}
}

func (o benchOut) end(report any) error {
	if !o.json {
		return nil
	}
	enc := json.NewEncoder(o.w)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

// inTempDir runs f in a directory of its own, which is removed whatever happens.
func inTempDir(f func(dir string) error) (err error) {
	dir, err := os.MkdirTemp("", "dauys-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return f(dir)
}

// clean is the environment without the settings of this deployment: what is
// measured touches nothing of it. DAUYS_ADMIN_ADDR stays, for profiles.
func clean(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		return strings.HasPrefix(kv, "DAUYS_") && !strings.HasPrefix(kv, "DAUYS_ADMIN_ADDR=")
	})
}

// benchBytes is the bare server: net/http and a ready answer, nothing else.
func (e *env) benchBytes() *cobra.Command {
	var file, kind, encoding, addr string
	c := &cobra.Command{
		Use: "bytes", Short: "Serve the bytes of a file with bare net/http, to compare with", Hidden: true, Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			body, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			l, err := new(net.ListenConfig).Listen(c.Context(), "tcp", addr)
			if err != nil {
				return err
			}
			s := &http.Server{Handler: bareHandler(body, kind, encoding), ReadHeaderTimeout: 5 * time.Second}
			defer context.AfterFunc(c.Context(), func() { _ = s.Close() })() // ends Serve
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		},
	}
	c.Flags().StringVar(&file, "file", "", "the body")
	c.Flags().StringVar(&kind, "type", "text/html; charset=utf-8", "its media type")
	c.Flags().StringVar(&encoding, "encoding", "", "its content encoding")
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "where to listen")
	return c
}

func bareHandler(body []byte, kind, encoding string) http.Handler {
	const tag = `"bare"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("ETag", tag)
		h.Set("Cache-Control", "public, max-age=1")
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", kind)
		if encoding != "" {
			h.Set("Content-Encoding", encoding)
		}
		_, _ = w.Write(body) // a client that has gone needs no answer
	})
}
