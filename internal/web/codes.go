package web

import (
	"sync"

	"github.com/dauys/dauys/internal/draw"
)

// maxCodes is how many QR codes are kept, of about 1.5 kB each.
const maxCodes = 1000

// codes keeps the QR codes of addresses: they never change, and making one
// takes a quarter of a petition's page.
type codes struct {
	mu sync.Mutex // guards of
	of map[string]draw.QR
}

func (c *codes) get(address string) (draw.QR, error) {
	c.mu.Lock()
	q, ok := c.of[address]
	c.mu.Unlock()
	if ok {
		return q, nil
	}
	q, err := draw.NewQR(address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil || len(c.of) >= maxCodes {
		c.of = make(map[string]draw.QR)
	}
	c.of[address] = q
	return q, nil
}
