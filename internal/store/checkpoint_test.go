package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// A short log is carried over beside the writer, whatever that does; a long one
// is finished in its place, so that the next commit begins the log anew.
func TestALongLogIsFinishedInTheWritersPlace(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "log.db"), storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	(&storetest.World{T: t, S: s, Now: noon}).Migrate()
	value := func(n int) string { return strings.Repeat(string(rune('a'+n%26)), 1<<20) }
	write := func(n int) {
		if err := s.SetMeta(t.Context(), "value", value(n)); err != nil {
			t.Fatal(err)
		}
	}
	besideWriter := func(within time.Duration) error {
		defer store.HoldWriter(t, s)()
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		_, err := s.TidyLog(ctx)
		return err
	}
	write(0)
	select {
	case <-s.Committed():
	default:
		t.Error("a commit gave no sign")
	}
	if err := besideWriter(20 * time.Second); err != nil {
		t.Errorf("a short log waits for the writer: %v", err)
	}
	for n := range store.LongLog>>8 + 1 { // a page is 4 KiB, a value 256 pages
		write(n)
	}
	if err := besideWriter(time.Second); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a long log was finished beside a writer: %v", err)
	}
	tidied, err := s.TidyLog(t.Context())
	if err != nil {
		t.Fatal(err)
	} else if tidied.Carried <= store.LongLog || tidied.File < 256 || tidied.File > store.LongLog {
		t.Errorf("of a log with the same pages again and again: %+v", tidied)
	}
	write(0)
	if tidied, err = s.TidyLog(t.Context()); err != nil || tidied.Carried > 1000 {
		t.Errorf("of the log begun anew: %+v, %v", tidied, err)
	}
	if pages, err := store.LogPages(t.Context(), s); err != nil || pages > 1000 {
		t.Errorf("the log begun anew has %d pages: %v", pages, err)
	}
	if got, err := s.Meta(t.Context(), "value"); err != nil || got != value(0) {
		t.Errorf("%d bytes are left: %v", len(got), err)
	}
}
