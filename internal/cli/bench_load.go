package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// load is a closed loop of keep-alive HTTP/1.1 connections, written for this
// machine to spend its time in the server: no net/http, nothing allocated for
// an answer.
type load struct {
	addr  string
	conns int
	want  []int // statuses that are right; any other ends the run
	size  int64 // bytes of the right body; -1 for any
}

// answer is what is read of a response.
type answer struct {
	status int
	size   int64             // of the body, as it was sent
	header map[string]string // names in lower case; only when kept
	body   []byte            // only when kept
}

var errAnswer = errors.New("not an answer of HTTP/1.1 that keeps the connection")

// readAnswer reads one response to a GET or POST, body and all. With keep it
// holds on to the header and the body.
func readAnswer(r *bufio.Reader, keep bool) (answer, error) {
	var a answer
	line, err := readLine(r)
	if err != nil {
		return a, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) || len(line) > 12 && line[12] != ' ' {
		return a, fmt.Errorf("%w: %q", errAnswer, line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil || a.status < 200 {
		return a, fmt.Errorf("%w: %q", errAnswer, line)
	}
	length, chunked, err := readHeader(r, keep, &a)
	switch {
	case err != nil:
		return a, err
	case a.status == 204 || a.status == 304:
		return a, nil
	case chunked:
		return a, readChunks(r, keep, &a)
	case length < 0:
		return a, fmt.Errorf("%w: neither a length nor chunks", errAnswer)
	}
	return a, readBody(r, length, keep, &a)
}

// readHeader reads header lines until the empty one.
func readHeader(r *bufio.Reader, keep bool, a *answer) (length int64, chunked bool, err error) {
	length = -1
	for {
		line, err := readLine(r)
		if err != nil || len(line) == 0 {
			return length, chunked, err
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			return 0, false, fmt.Errorf("%w: header %q", errAnswer, line)
		}
		if first := line[0] | 0x20; !keep && first != 'c' && first != 't' {
			continue
		}
		value = bytes.TrimSpace(value)
		switch {
		case asciiFold(name, "content-length"):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil || length < 0 {
				return 0, false, fmt.Errorf("%w: header %q", errAnswer, line)
			}
		case asciiFold(name, "transfer-encoding"):
			chunked = asciiFold(value, "chunked")
		}
		if keep {
			if a.header == nil {
				a.header = map[string]string{}
			}
			a.header[strings.ToLower(string(name))] = string(value)
		}
	}
}

// asciiFold reports whether b is s, which is in lower case, in any case.
func asciiFold(b []byte, s string) bool { return len(b) == len(s) && strings.EqualFold(string(b), s) }

func readBody(r *bufio.Reader, n int64, keep bool, a *answer) error {
	a.size += n
	if keep {
		b := new(bytes.Buffer)
		_, err := io.CopyN(b, r, n)
		a.body = append(a.body, b.Bytes()...)
		return whole(err)
	}
	for n > 0 {
		k, err := r.Discard(int(min(n, 1<<20)))
		if err != nil {
			return whole(err)
		}
		n -= int64(k)
	}
	return nil
}

func readChunks(r *bufio.Reader, keep bool, a *answer) error {
	for {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseInt(string(bytes.TrimSpace(digits)), 16, 63)
		if err != nil || n < 0 {
			return fmt.Errorf("%w: chunk %q", errAnswer, line)
		}
		if n > 0 {
			if err := readBody(r, n, keep, a); err != nil {
				return err
			}
		}
		// What follows is an empty line: after a chunk one, after the last one the
		// end of the trailer.
		for {
			line, err := readLine(r)
			if err != nil {
				return err
			}
			if len(line) == 0 {
				break
			}
			if n > 0 {
				return fmt.Errorf("%w: %q after a chunk", errAnswer, line)
			}
		}
		if n == 0 {
			return nil
		}
	}
}

// readLine is one line without its end; it is valid until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("%w: a line of more than %d bytes", errAnswer, r.Size())
	} else if err != nil {
		return nil, whole(err)
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

// whole says that an answer broke off.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fetch sends one request and keeps the whole answer.
func fetch(ctx context.Context, addr string, request []byte) (answer, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return answer{}, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if _, err := c.Write(request); err != nil {
		return answer{}, err
	}
	return readAnswer(bufio.NewReader(c), true)
}

// run sends what next gives until it gives nil, or until d has passed when d
// is not 0. next is called by every connection with its own index and must be
// safe for that. A wrong answer is an error.
func (l load) run(ctx context.Context, d time.Duration, next func(conn int) []byte) (round, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := make([][]time.Duration, l.conns)
	errs := make([]error, l.conns)
	start := time.Now()
	var end time.Time
	if d > 0 {
		end = start.Add(d)
	}
	var wg sync.WaitGroup
	for i := range l.conns {
		wg.Go(func() {
			if all[i], errs[i] = l.connection(ctx, end, func() []byte { return next(i) }); errs[i] != nil {
				cancel() // the others need not go on
			}
		})
	}
	wg.Wait()
	r := round{took: time.Since(start), lat: slices.Concat(all...)}
	slices.Sort(r.lat)
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return r, err
		}
	}
	return r, context.Cause(ctx)
}

// connection is one connection's loop.
func (l load) connection(ctx context.Context, end time.Time, next func() []byte) ([]time.Duration, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", l.addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	var lat []time.Duration
	r := bufio.NewReaderSize(c, 32<<10)
	for last := time.Now(); end.IsZero() || last.Before(end); {
		request := next()
		if request == nil {
			break
		}
		if end.IsZero() { // there may have been a pause
			last = time.Now()
		}
		if _, err := c.Write(request); err != nil {
			return lat, l.fault(ctx, err)
		}
		a, err := readAnswer(r, false)
		if err != nil {
			return lat, l.fault(ctx, err)
		}
		if !slices.Contains(l.want, a.status) || l.size >= 0 && a.size != l.size {
			head, _, _ := bytes.Cut(request, []byte(" HTTP/"))
			return lat, fmt.Errorf("%s: answered %d with %d bytes", head, a.status, a.size)
		}
		now := time.Now()
		lat = append(lat, now.Sub(last))
		last = now
	}
	return lat, nil
}

// fault is an error of a connection, which may be that the run was ended.
func (l load) fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Canceled
	}
	return fmt.Errorf("%s: %w", l.addr, err)
}

// get writes a GET as a browser sends it.
func get(addr, path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nAccept-Encoding: gzip, br\r\n\r\n")
}

// post writes a form.
func post(addr, path, form string) []byte {
	return []byte("POST " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
		strconv.Itoa(len(form)) + "\r\n\r\n" + form)
}
