//go:build unix

package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// only keeps other servers away from an embedded database for as long as this
// one lives: each would run the timetable and send the letters. The kernel
// lets go however the process ends. Where a file cannot be locked, nobody is
// kept away.
func (a *app) only() (release func(), err error) {
	path, embedded := strings.CutPrefix(a.cfg.Database, "sqlite:")
	if !embedded {
		return func() {}, nil
	}
	f, err := os.OpenFile(path+"-serve", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK) {
		f.Close()
		return nil, fmt.Errorf("another server runs on %s already; a database that several share is PostgreSQL (docs/operations/country.md)", path)
	}
	return func() { f.Close() }, nil
}
