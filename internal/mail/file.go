package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File writes each letter to DIR/<uid>.eml: for trying things out, and for a
// mail system that collects files.
type File struct{ dir string }

// NewFile makes the directory when it is missing. Letters hold addresses and
// links: it is for its owner only (0700, files 0600).
func NewFile(dir string) (*File, error) {
	if dir == "" {
		return nil, errors.New("mail: file: no directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return &File{dir: dir}, nil
}

func (f *File) path(uid string) string { return filepath.Join(f.dir, uid+".eml") }

// Send writes the letter, exactly once however often it is called: temporary
// file -> sync -> rename -> sync of the directory. A crash in between leaves
// the letter whole or not at all. handOver is never called.
func (f *File) Send(_ context.Context, m Message, _ func() error) error {
	if !safeUID(m.UID) {
		return fmt.Errorf("%w: the letter's name is not one", ErrPermanent)
	}
	if taken, _ := f.Has(m.UID); taken {
		return f.sync()
	}
	tmp := filepath.Join(f.dir, "."+m.UID+".tmp")
	raw := m.Raw
	if m.Return != "" { // for who collects the files, and because a file has no envelope
		raw = append([]byte("Return-Path: <"+m.Return+">\r\n"), raw...)
	}
	err := writeSynced(tmp, raw)
	if err == nil {
		err = os.Rename(tmp, f.path(m.UID))
	}
	if err != nil {
		return fmt.Errorf("%w: file: %w", ErrTemporary, cause(err))
	}
	return f.sync()
}

func writeSynced(name string, data []byte) error {
	w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	if err == nil {
		err = w.Sync()
	}
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	return err
}

func (f *File) sync() error {
	d, err := os.Open(f.dir)
	if err == nil {
		err = d.Sync()
		d.Close()
	}
	if err != nil {
		return fmt.Errorf("%w: file: %w", ErrTemporary, cause(err))
	}
	return nil
}

// cause is a file's error without its path, which is in the letter's name.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	return err
}

// Has reports whether the letter's file is there.
func (f *File) Has(uid string) (taken, known bool) {
	if !safeUID(uid) {
		return false, true
	}
	_, err := os.Lstat(f.path(uid))
	return err == nil, err == nil || errors.Is(err, fs.ErrNotExist)
}

// Senders is 1: one writer keeps the order of letters.
func (f *File) Senders() int { return 1 }

// Close does nothing: every letter is already on the disk.
func (f *File) Close() error { return nil }
