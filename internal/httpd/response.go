package httpd

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const (
	// heldMax is how much of an answer is held back until its handler returns.
	heldMax = 64 << 10
	// compressFrom is the size from which compressing an answer pays.
	compressFrom = 1 << 10
)

// response is the writer handlers see. It belongs to the goroutine of its
// request and is reused afterwards: a handler must not keep it.
type response struct {
	w       http.ResponseWriter
	r       *http.Request
	s       *Server
	body    io.ReadCloser // the request's body without a limit
	status  int           // 0 until known
	api     bool          // errors are problem documents
	held    bool          // body waits in buf
	sent    bool          // header is on the wire; nothing can be taken back
	dropped bool          // the mux's own 404 or 405, which gets a proper answer
	buf     []byte
	enc     encoder // compresses what is sent; nil for none
	coding  coding  // of enc
}

func (s *Server) acquire(w http.ResponseWriter, r *http.Request) *response {
	rw := s.responses.Get().(*response) //nolint:forcetypeassert // the pool holds nothing else
	rw.w, rw.r, rw.s, rw.body = w, r, s, r.Body
	return rw
}

// release forgets everything but a buffer of ordinary size.
func (s *Server) release(w *response) {
	buf := w.buf[:0]
	if cap(buf) > 2*heldMax {
		buf = nil
	}
	*w = response{buf: buf}
	s.responses.Put(w)
}

// Header is the header of the answer.
func (w *response) Header() http.Header { return w.w.Header() }

// Unwrap is for http.ResponseController: deadlines, not flushing.
func (w *response) Unwrap() http.ResponseWriter { return w.w }

// WriteHeader takes the status. The first call counts.
func (w *response) WriteHeader(status int) {
	switch {
	case w.status != 0 || w.sent:
	case status >= 100 && status < 200:
		w.w.WriteHeader(status)
	case w.held:
		w.status = status
	case w.r.Pattern == "" && (status == http.StatusNotFound || status == http.StatusMethodNotAllowed):
		w.status, w.dropped = status, true
	default:
		w.status, w.sent = status, true
		w.w.WriteHeader(status)
	}
}

// Write takes part of the body.
func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case w.dropped:
		return len(p), nil
	case w.held && !w.sent && len(w.buf)+len(p) <= heldMax:
		w.buf = append(w.buf, p...)
		return len(p), nil
	case w.held && !w.sent:
		if err := w.commit(false); err != nil {
			return 0, err
		}
	}
	return w.send(p)
}

// FlushError sends what is held. From then on an error cuts the connection.
func (w *response) FlushError() error {
	if w.dropped {
		return nil
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.sent {
		if err := w.commit(false); err != nil {
			return err
		}
	}
	if w.enc != nil {
		if err := w.enc.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.w).Flush()
}

// Flush is FlushError for those who do not ask.
func (w *response) Flush() { _ = w.FlushError() }

func (w *response) send(p []byte) (int, error) {
	if w.enc != nil {
		return w.enc.Write(p)
	}
	return w.w.Write(p)
}

// pass stops holding back, for an answer that is known to be whole.
func (w *response) pass() {
	if len(w.buf) == 0 && !w.sent {
		w.held = false
	}
}

// finish sends what is held. A client that is gone is no error here.
func (w *response) finish() {
	if !w.held {
		return
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if !w.sent {
		_ = w.commit(true)
	}
	if w.enc != nil {
		_ = w.enc.Close()
		w.s.comp.put(w.coding, w.enc)
		w.enc = nil
	}
}

// commit sends the header and what is held; whole says nothing will follow.
func (w *response) commit(whole bool) error {
	h := w.w.Header()
	bodiless := w.status == http.StatusNoContent || w.status == http.StatusNotModified
	if h["Content-Type"] == nil && len(w.buf) > 0 {
		h.Set("Content-Type", http.DetectContentType(w.buf))
	}
	if !bodiless && (len(w.buf) > compressFrom || !whole) && compressible(h) {
		w.encode(h)
	}
	if whole && h["Content-Encoding"] == nil && !bodiless && (len(w.buf) > 0 || w.r.Method != http.MethodHead) {
		h.Set("Content-Length", strconv.Itoa(len(w.buf)))
	}
	w.sent = true
	w.w.WriteHeader(w.status)
	if len(w.buf) == 0 || bodiless {
		return nil
	}
	send := w.send
	if whole && w.enc == nil && w.r.Method != http.MethodHead {
		send = w.sendWhole
	}
	_, err := send(w.buf)
	w.buf = w.buf[:0]
	return err
}

// encode chooses the coding of an answer made for this request only.
func (w *response) encode(h http.Header) {
	addVary(h, "Accept-Encoding")
	c := negotiate(w.r.Header["Accept-Encoding"], false)
	if c == identity {
		return
	}
	h["Content-Encoding"] = codingHeader[c]
	delete(h, "Content-Length")
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("Etag", "W/"+tag) // the same tag must not name two sequences of bytes
	}
	if w.r.Method != http.MethodHead {
		w.coding, w.enc = c, w.s.comp.get(c, w.w)
	}
}

// compressible reports whether the answer is text that is not secret. An
// answer under no-store may hold a secret link beside words the reader typed;
// its compressed length would give the secret away (BREACH).
func compressible(h http.Header) bool {
	return h["Content-Encoding"] == nil && isText(h.Get("Content-Type")) &&
		!strings.Contains(h.Get("Cache-Control"), "no-store") && h["Set-Cookie"] == nil
}

// reset takes back everything that is not sent.
func (w *response) reset() {
	w.buf, w.status, w.dropped = w.buf[:0], 0, false
}

// answer sends a whole answer.
func (w *response) answer(status int, body []byte) {
	w.held, w.status = true, status
	w.buf = append(w.buf[:0], body...)
	w.finish()
}

// abandon gives the request up without an answer.
func (w *response) abandon(status int) {
	w.reset()
	w.status, w.sent = status, true
}

// refusedByMux is the error behind a 404 or 405 that the mux wrote itself.
func (w *response) refusedByMux() error {
	switch {
	case !w.dropped:
		return nil
	case w.status == http.StatusMethodNotAllowed:
		return ErrMethod
	}
	return ErrNotFound
}

// limitBody puts a limit on the request's body in place of any before. One that
// says that it is longer is not waited for.
func (w *response) limitBody(r *http.Request, n int64) {
	if w.body == nil || w.body == http.NoBody {
		return
	}
	r.Body = http.MaxBytesReader(w.w, w.body, n)
	if r.ContentLength > n {
		r.Body = tooLong{n, w.w.Header()}
	}
}

// tooLong is a body that is not read: its announced length is over the limit.
type tooLong struct {
	limit  int64
	header http.Header // of the answer
}

// Read says so, and has the connection end with the answer: the server would
// wait for the body otherwise.
func (b tooLong) Read([]byte) (int, error) {
	b.header.Set("Connection", "close")
	return 0, &http.MaxBytesError{Limit: b.limit}
}

// Close leaves what the client sends to the server, which ends the connection.
func (tooLong) Close() error { return nil }

// LimitBody lets this route take a body of up to n bytes instead of the
// server's limit. Call it before reading.
func LimitBody(w http.ResponseWriter, r *http.Request, n int64) error {
	rw, ok := w.(*response)
	if !ok {
		return errors.New("httpd: LimitBody needs the writer it was given")
	}
	rw.limitBody(r, n)
	return nil
}
