package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// A backup ends with a seal: the SHA-256 of all bytes before it, in a frame
// that programs for zstd skip (RFC 8878, 3.1.2), so that no byte of the file,
// compressed as it lies there, can change unseen.
const (
	sealHead = "\x5d\x2a\x4d\x18\x20\x00\x00\x00" // magic number, length 32
	sealSize = len(sealHead) + sha256.Size
)

// sealWriter passes bytes on and hashes them.
type sealWriter struct {
	w   io.Writer
	sum hash.Hash
}

func newSealWriter(w io.Writer) *sealWriter { return &sealWriter{w: w, sum: sha256.New()} }

func (s *sealWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.sum.Write(p[:n])
	return n, err
}

// seal ends the stream.
func (s *sealWriter) seal() error {
	_, err := s.w.Write(s.sum.Sum([]byte(sealHead)))
	return err
}

// sealReader reads what a sealWriter wrote, keeps the seal back and compares.
type sealReader struct {
	r   *bufio.Reader
	sum hash.Hash
}

func newSealReader(r io.Reader) *sealReader {
	return &sealReader{r: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
}

// Read ends before the seal. A wrong or missing one is ErrDamaged.
func (s *sealReader) Read(p []byte) (int, error) {
	b, err := s.r.Peek(s.r.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if n := min(len(p), len(b)-sealSize); n > 0 {
		copy(p, b[:n])
		s.sum.Write(b[:n])
		_, err := s.r.Discard(n)
		return n, err
	}
	if !bytes.Equal(b, s.sum.Sum([]byte(sealHead))) {
		return 0, fmt.Errorf("%w: the end is missing, or the file was altered", ErrDamaged)
	}
	return 0, io.EOF
}
