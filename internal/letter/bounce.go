package letter

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
)

// bouncePurpose is the kind of the tags of envelopes.
const bouncePurpose = "bounce"

// BounceLife is how long a letter may take to come back. Mail servers try for
// five days.
const BounceLife = 14 * 24 * time.Hour

const day = 24 * time.Hour

// BounceTag is what the envelope of a letter carries, so that it is known again
// when it comes back: class, day and, of news, whose subscription it was; of
// other letters, which letter it was. Nobody else can read it or make one, and
// it is the same whenever the letter is tried again on the same day.
func BounceTag(v *vault.Vault, uid string, priority int, now time.Time) string {
	b := []byte{byte(priority)}
	b = binary.BigEndian.AppendUint16(b, uint16(now.Unix()/int64(day/time.Second)))
	if ref, ok := ParseNewsUID(uid); ok {
		b = binary.BigEndian.AppendUint32(b, uint32(ref.Mailing))
		b = append(b, ref.Subscription[:]...)
	} else {
		sum := sha256.Sum256([]byte(uid))
		b = append(b, sum[:8]...)
	}
	return v.Tag(bouncePurpose, b)
}

// OpenBounceTag reads what BounceTag wrote. vault.ErrSealed for anything else,
// and for a letter that left longer than BounceLife ago.
func OpenBounceTag(v *vault.Vault, tag string, now time.Time) (store.Bounce, error) {
	b, err := v.OpenTag(bouncePurpose, tag)
	if err != nil || len(b) != 11 && len(b) != 23 {
		return store.Bounce{}, vault.ErrSealed
	}
	sent := time.Unix(int64(binary.BigEndian.Uint16(b[1:]))*int64(day/time.Second), 0)
	if age := now.Sub(sent); age < -day || age > BounceLife+day {
		return store.Bounce{}, vault.ErrSealed
	}
	bounce := store.Bounce{Tag: v.Lookup(bouncePurpose, string(b)), Priority: int(b[0]), Sent: sent}
	if len(b) == 23 {
		bounce.Subscription = b[7:]
	}
	return bounce, nil
}
