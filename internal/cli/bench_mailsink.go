package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// mailSink is a mail server that takes every letter at once and remembers its
// Message-ID. It speaks as much of rfc5321 as the benchmark needs.
type mailSink struct {
	addr   string
	l      net.Listener
	prefix string // of the letters that count: others may have waited before

	mu   sync.Mutex
	ids  map[string]int
	last time.Time // a letter was taken
}

func newMailSink(ctx context.Context, prefix string) (*mailSink, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &mailSink{addr: l.Addr().String(), l: l, prefix: "<" + prefix, ids: map[string]int{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed
			}
			go s.talk(c)
		}
	}()
	return s, nil
}

func (s *mailSink) close() { _ = s.l.Close() }

// talk is one conversation.
func (s *mailSink) talk(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	say := func(line string) bool { _, err := io.WriteString(c, line+"\r\n"); return err == nil }
	for ok := say("220 sink.example"); ok; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch word, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.ToUpper(word) {
		case "QUIT":
			say("221 bye")
			return
		case "DATA":
			if !say("354 go on") {
				return
			}
			id, err := readLetter(in)
			if err != nil {
				return // without the dot nothing was taken
			}
			s.take(id)
			ok = say("250 taken")
		default:
			ok = say("250 yes")
		}
	}
}

// readLetter reads up to the dot and returns the Message-ID.
func readLetter(in *bufio.Reader) (id string, err error) {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		if line == ".\r\n" {
			return id, nil
		}
		if rest, ok := strings.CutPrefix(line, "Message-ID:"); ok {
			id = strings.TrimSpace(rest)
		}
	}
}

func (s *mailSink) take(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(id, s.prefix) {
		s.ids[id]++
		s.last = time.Now()
	}
}

// taken is how many different letters came.
func (s *mailSink) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ids)
}

// lastAt is when the last letter came.
func (s *mailSink) lastAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// quiet is how long nothing came, which is taken for the end: letters that were
// handed over in the moment of a kill never come.
const quiet = 3 * time.Second

// wait returns when enough says so of the number that came. With toEnd it
// returns when nothing comes any more for so long, too; 0 for without.
func (s *mailSink) wait(ctx context.Context, enough func(int) bool, toEnd time.Duration) error {
	deadline := time.Now().Add(10 * time.Minute)
	for {
		n := s.taken()
		s.mu.Lock()
		still := time.Since(s.last)
		s.mu.Unlock()
		if done := enough(n); done || toEnd > 0 && n > 0 && still > toEnd {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d letters came", n)
		}
	}
}

// idle is how long ago the last letter came, when that is to be left out.
func (s *mailSink) idle(leftOut bool) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !leftOut {
		return 0
	}
	return time.Since(s.last)
}

// twice names a letter that came more than once.
func (s *mailSink) twice() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for id, n := range s.ids {
		if n > 1 && len(errs) < 10 {
			errs = append(errs, fmt.Errorf("letter %s came %d times", id, n))
		}
	}
	return errors.Join(errs...)
}
