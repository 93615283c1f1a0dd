package signing

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// ErrExpired says that a link is too old.
var ErrExpired = errors.New("signing: the link has expired")

// The kinds of links; a token of one kind never opens as another.
const (
	kindSign     = "sign"
	kindWithdraw = "withdraw"
	kindFollow   = "follow"
)

// claim is what a link says. It is sealed, so its holder can neither read nor
// alter it, and it is all that a confirmation needs: no row is looked up for a
// forged one.
type claim struct {
	UID          petition.UID
	Blind        vault.Hash // Nb
	Generation   int
	Expires      time.Time
	Place        string
	Subscription []byte // 16 bytes, or nil
}

// LinkLife is how long a link may be used.
const LinkLife = 72 * time.Hour

// bytes: uid 16 | Nb 16 | generation 2 | expiry 5 (unix seconds) | flags 1 | [subscription 16] | place
func (c claim) encode() []byte {
	b := make([]byte, 0, 60+len(c.Place))
	b = append(b, c.UID[:]...)
	b = append(b, c.Blind[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(c.Generation))
	b = append(b, binary.BigEndian.AppendUint64(nil, uint64(c.Expires.Unix()))[3:]...)
	if c.Subscription != nil {
		b = append(append(b, 1), c.Subscription...)
	} else {
		b = append(b, 0)
	}
	return append(b, c.Place...)
}

func decodeClaim(b []byte) (claim, error) {
	var c claim
	if len(b) < 40 {
		return c, vault.ErrSealed
	}
	copy(c.UID[:], b)
	copy(c.Blind[:], b[16:])
	c.Generation = int(binary.BigEndian.Uint16(b[32:]))
	c.Expires = time.Unix(int64(binary.BigEndian.Uint64(append([]byte{0, 0, 0}, b[34:39]...))), 0)
	flags, rest := b[39], b[40:]
	if flags&1 != 0 {
		if len(rest) < 16 {
			return c, vault.ErrSealed
		}
		c.Subscription, rest = rest[:16:16], rest[16:]
	}
	c.Place = string(rest)
	return c, nil
}

func (s *Service) open(kind, token string) (claim, error) {
	b, err := s.vault.OpenToken(kind, token)
	if err != nil {
		return claim{}, err
	}
	return decodeClaim(b)
}
