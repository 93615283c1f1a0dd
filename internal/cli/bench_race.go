package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// raceReport compares the server with others that serve the same bytes.
type raceReport struct {
	Bytes    int      `json:"bytes"` // of the body, as it is sent
	Encoding string   `json:"encoding"`
	Dauys    figures  `json:"dauys"`
	Bare     figures  `json:"bare"`
	Nginx    *figures `json:"nginx"` // null when it is not installed
	ToBare   float64  `json:"ratio_to_bare"`
	ToNginx  float64  `json:"ratio_to_nginx"` // 0 when it is not installed
}

// contestant is one server of a race.
type contestant struct {
	name    string
	addr    string
	request []byte
	server  *child
	rounds  []round
}

// race serves one path by the server, by bare net/http and by nginx, in turns.
// conditional asks each for what it said before, by its own ETag.
func (b *httpBench) race(ctx context.Context, title, path string, conditional bool) (r raceReport, err error) {
	first, err := fetch(ctx, b.addr, get(b.addr, path))
	if err != nil {
		return r, err
	}
	if first.status != 200 || len(first.body) == 0 {
		return r, fmt.Errorf("%s: answered %d with %d bytes", path, first.status, len(first.body))
	}
	r.Bytes, r.Encoding = len(first.body), first.header["content-encoding"]
	field := []*contestant{{name: "dauys", addr: b.addr, request: get(b.addr, path), server: b.server}}
	others, err := b.others(ctx, first)
	defer func() {
		for _, c := range others {
			err = errors.Join(err, c.server.stop())
		}
	}()
	if err != nil {
		return r, err
	}
	field = append(field, others...)
	l := load{conns: b.o.conns, want: []int{200}, size: int64(len(first.body))}
	if conditional {
		l.want, l.size = []int{304}, 0
		for _, c := range field {
			if err := c.condition(ctx); err != nil {
				return r, err
			}
		}
	}
	if err := b.rounds(ctx, l, field); err != nil {
		return r, err
	}
	r.sum(field)
	b.show(title, r)
	return r, nil
}

// others starts the servers to compare with. What was started is returned even
// beside an error.
func (b *httpBench) others(ctx context.Context, page answer) (field []*contestant, err error) {
	www := filepath.Join(b.dir, "www")
	if err := os.MkdirAll(www, 0o700); err != nil {
		return nil, err
	}
	file, encoding := filepath.Join(www, "page"), page.header["content-encoding"]
	if err := os.WriteFile(file, page.body, 0o600); err != nil {
		return nil, err
	}
	begin := func(name, path string, start func(addr string) (*child, error)) error {
		addr, err := freePort(ctx)
		if err != nil {
			return err
		}
		c, err := start(addr)
		if err != nil || c == nil {
			return err
		}
		field = append(field, &contestant{name: name, addr: addr, request: get(addr, path), server: c})
		_, err = c.ready(ctx, addr, get(addr, path), time.Now())
		return err
	}
	err = begin("net/http", "/", func(addr string) (*child, error) {
		return spawn(ctx, nil, clean(b.env.environ), b.self, "bench", "bytes", "--file", file, "--addr", addr,
			"--type", page.header["content-type"], "--encoding", encoding)
	})
	if err != nil {
		return field, err
	}
	return field, begin("nginx", "/page", func(addr string) (*child, error) { return startNginx(ctx, b.dir, addr, encoding) })
}

// condition makes the request conditional on what the server says now.
func (c *contestant) condition(ctx context.Context) error {
	a, err := fetch(ctx, c.addr, c.request)
	if err != nil {
		return err
	}
	tag := a.header["etag"]
	if tag == "" {
		return fmt.Errorf("%s: no ETag", c.name)
	}
	c.request = append(c.request[:len(c.request)-2:len(c.request)-2], "If-None-Match: "+tag+"\r\n\r\n"...)
	return nil
}

// rounds lets everyone run once in each round; who begins moves on, so that
// no one always runs after the same.
func (b *httpBench) rounds(ctx context.Context, l load, field []*contestant) error {
	for _, c := range field {
		l.addr = c.addr
		if _, err := l.run(ctx, b.o.time()/10, func(int) []byte { return c.request }); err != nil {
			return err
		}
	}
	for i := range b.o.runs {
		for k := range field {
			c := field[(i+k)%len(field)]
			l.addr = c.addr
			before := c.server.cpu()
			r, err := l.run(ctx, b.o.time(), func(int) []byte { return c.request })
			if err != nil {
				return err
			}
			r.cpu = c.server.cpu() - before
			c.rounds = append(c.rounds, r)
		}
	}
	return nil
}

func (r *raceReport) sum(field []*contestant) {
	for _, c := range field {
		f := sumUp(c.rounds)
		switch c.name {
		case "dauys":
			r.Dauys = f
		case "net/http":
			r.Bare = f
		case "nginx":
			r.Nginx = &f
		}
	}
	r.ToBare = ratio(r.Dauys.Runs, r.Bare.Runs)
	if r.Nginx != nil {
		r.ToNginx = ratio(r.Dauys.Runs, r.Nginx.Runs)
	}
}

func (b *httpBench) show(title string, r raceReport) {
	encoding := r.Encoding
	if encoding == "" {
		encoding = "identity"
	}
	rows := [][]string{rateHead("requests/s"), rateRow("dauys", r.Dauys), rateRow("bare net/http", r.Bare)}
	sum := fmt.Sprintf("%.0f %% of bare net/http", 100*r.ToBare)
	if r.Nginx != nil {
		rows = append(rows, rateRow("nginx", *r.Nginx))
		sum += fmt.Sprintf(", %.0f %% of nginx", 100*r.ToNginx)
	}
	b.out.section(fmt.Sprintf("%s: %d bytes (%s); %s", title, r.Bytes, encoding, sum), rows...)
}
