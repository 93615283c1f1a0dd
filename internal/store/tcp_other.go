//go:build !linux

package store

import "syscall"

// giveUp leaves unacknowledged data to the kernel's own patience.
func giveUp(string, string, syscall.RawConn) error { return nil }
