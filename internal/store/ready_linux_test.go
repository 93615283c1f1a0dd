package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// reopen puts another way of opening path behind every descriptor this process has of it.
func reopen(t *testing.T, path string, flag int) {
	t.Helper()
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range fds {
		fd, _ := strconv.Atoi(d.Name())
		if to, err := os.Readlink("/proc/self/fd/" + d.Name()); err != nil || to != path || fd == int(f.Fd()) {
			continue
		}
		if err := syscall.Dup3(int(f.Fd()), fd, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n == 0 {
		t.Fatalf("nobody has %s open", path)
	}
}

// A disk that refuses writes for another reason than want of room: the same
// class of error, nothing half there, not ready until a write goes through.
func TestTheDiskRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "refuses.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := (&storetest.World{T: t, S: s, Now: noon}).Migrate()
	p := w.Publish(storetest.Civic)
	before := w.Load(p.ID).Count
	batch := w.Batch(p.ID, 1000, 300, "KZ-10")
	reopen(t, path+"-wal", os.O_RDONLY)
	if _, err := s.AddSignatures(t.Context(), batch, w.Now); !errors.Is(err, store.ErrDisk) || errors.Is(err, store.ErrFull) {
		t.Errorf("on a disk that refuses: %v", err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrDisk) {
		t.Errorf("ready: %v", err)
	}
	if v, err := s.PublicPetition(t.Context(), p.Number); err != nil || v.Number != p.Number || w.Load(p.ID).Count != before {
		t.Errorf("reading: %v", err)
	}
	reopen(t, path+"-wal", os.O_RDWR)
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready again: %v", err)
	}
	if out, err := s.AddSignatures(t.Context(), batch, w.Now); err != nil || out[0] != store.Added || w.Load(p.ID).Count != before+300 {
		t.Errorf("afterwards: %v, count %d", err, w.Load(p.ID).Count)
	}
}

// cut is a context that ends when it was asked for its end n times.
type cut struct {
	context.Context
	n   *atomic.Int32
	end context.CancelFunc
}

func (c cut) Done() <-chan struct{} {
	if c.n.Add(-1) < 0 {
		c.end()
	}
	return c.Context.Done()
}

// A check that is cut off says so in one line, and nothing of the connection
// it was on, which goes to nobody else.
func TestACheckThatIsCutOff(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "cut.db"), storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := (&storetest.World{T: t, S: s, Now: noon}).Migrate()
	w.Publish(storetest.Civic)
	done := false
	for n := int32(1); !done; n += 3 {
		ctx, cancel := context.WithCancel(t.Context())
		left := &atomic.Int32{}
		left.Store(n)
		_, err := s.Check(cut{ctx, left, cancel})
		cancel()
		if done = err == nil; !done && (!errors.Is(err, context.Canceled) || strings.ContainsAny(err.Error(), "\n()")) {
			t.Errorf("cut off after %d: %v", n, err)
		}
	}
	if findings, err := s.Check(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("again: %v, %v", findings, err)
	}
}
