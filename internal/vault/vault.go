// Package vault keeps the keys of a deployment and does everything that needs
// one: sealing addresses, keyed look-up hashes, sealed link tokens, and the
// keys of one petition's signatures.
//
// What lives here: the key files, and pure functions of (key, input).
//
// What never: SQL, HTTP, mail; a key that leaves this package by value, other
// than a petition's own (they are derived, used and forgotten).
package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrNoKey is returned by Existing for a key that is not there.
var ErrNoKey = errors.New("is not there")

// ErrSealed is returned for anything that was not sealed here, or was altered.
var ErrSealed = errors.New("vault: not sealed under this key, or altered")

// The keys, one file each, so that a broker or a mail sender can be given its
// own alone.
const (
	mailKey   = "mail"   // seals addresses and letters
	lookupKey = "lookup" // hashes addresses for look-up
	linkKey   = "link"   // seals the tokens in links
	brokerKey = "broker" // first key of a signature's nullifier
	serverKey = "server" // second key
)

func keyNames() []string { return []string{mailKey, lookupKey, linkKey, brokerKey, serverKey} }

// Vault holds the keys of one deployment. It is safe for concurrent use: its
// keys do not change after Open.
type Vault struct {
	keys  map[string][]byte
	links sync.Map // string to []byte: the key of each kind of link, once derived
}

// Open reads the keys of dir and makes those that are missing (directory 0700,
// files 0600). A key is durable before it is used.
func Open(dir string) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return load(dir, readOrMake)
}

// Existing reads the keys of dir and makes none.
func Existing(dir string) (*Vault, error) {
	return load(dir, func(path string) ([]byte, error) {
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s %w", path, ErrNoKey)
		}
		return b, err
	})
}

func load(dir string, read func(path string) ([]byte, error)) (*Vault, error) {
	v := &Vault{keys: make(map[string][]byte)}
	for _, name := range keyNames() {
		path := filepath.Join(dir, name+".key")
		b, err := read(path)
		if err != nil {
			return nil, fmt.Errorf("vault: %w", err)
		}
		if v.keys[name], err = parseKey(path, b); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// readOrMake reads a key file or makes it. Two processes that start at once
// agree: the link of the second fails and it reads the first one's key.
func readOrMake(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err = makeKey(path); err == nil || errors.Is(err, os.ErrExist) {
			b, err = os.ReadFile(path)
		}
	}
	return b, err
}

func parseKey(path string, b []byte) ([]byte, error) {
	k, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(k) != 32 {
		return nil, fmt.Errorf("vault: %s does not hold a key of 32 bytes in base64", filepath.Base(path))
	}
	return k, nil
}

func makeKey(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(randomBytes(32)) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}

// Random returns n random bytes: identifiers, salts, one-time tokens.
func Random(n int) []byte { return randomBytes(n) }

// derive makes the key for one purpose (HKDF-SHA256, RFC 5869), so that what
// is sealed for one purpose never opens for another.
func (v *Vault) derive(key, purpose string) []byte {
	k, err := hkdf.Key(sha256.New, v.keys[key], nil, "dauys/v1/"+key+"/"+purpose, 32)
	if err != nil {
		panic(err) // only for an absurd length
	}
	return k
}

// Fingerprint tells these keys from others, in one word for each: "mail:9f...".
// It says nothing about the keys themselves.
func (v *Vault) Fingerprint() string {
	var words []string
	for _, name := range keyNames() {
		h := mac(v.derive(name, "fingerprint"), name)
		words = append(words, name+":"+hex.EncodeToString(h[:8]))
	}
	return strings.Join(words, " ")
}

// Seal encrypts plain for a purpose (XChaCha20-Poly1305, random nonce).
func (v *Vault) Seal(purpose string, plain []byte) []byte {
	return seal(v.derive(mailKey, purpose), plain)
}

// Open returns what Seal was given, or ErrSealed.
func (v *Vault) Open(purpose string, sealed []byte) ([]byte, error) {
	return open(v.derive(mailKey, purpose), sealed)
}

func seal(key, plain []byte) []byte {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // only for a key of the wrong length
	}
	nonce := randomBytes(a.NonceSize())
	return a.Seal(nonce, nonce, plain, nil)
}

func open(key, sealed []byte) ([]byte, error) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // only for a key of the wrong length
	}
	if len(sealed) < a.NonceSize() {
		return nil, ErrSealed
	}
	plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], nil)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Hash is a 128-bit keyed hash.
type Hash [16]byte

// Lookup hashes value for look-up within one purpose (HMAC-SHA256, truncated
// to 128 bits as RFC 2104 section 5 allows).
func (v *Vault) Lookup(purpose, value string) Hash {
	return mac(v.derive(lookupKey, purpose), value)
}

func mac(key []byte, value string) Hash {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(value))
	return Hash(m.Sum(nil)[:16])
}

// Token seals the payload of a link for one kind of link. What the token says
// can be neither read nor altered by its holder.
func (v *Vault) Token(kind string, payload []byte) string {
	return base64.RawURLEncoding.EncodeToString(seal(v.keyOf(kind), payload))
}

// keyOf is the key of one kind of link. It is kept: the kinds are few, each
// named in the code that makes the link, and a crowd opens one of them.
func (v *Vault) keyOf(kind string) []byte {
	if k, ok := v.links.Load(kind); ok {
		return k.([]byte) //nolint:forcetypeassert // the map holds nothing else
	}
	k := v.derive(linkKey, kind)
	v.links.Store(kind, k)
	return k
}

// maxToken bounds the work an unauthenticated request can cause.
const maxToken = 512

// decodeToken reads the one spelling of a token; the decoder alone would pass
// over line breaks.
func decodeToken(token string) ([]byte, error) {
	if len(token) > maxToken || strings.ContainsAny(token, "\r\n") {
		return nil, ErrSealed
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, ErrSealed
	}
	return b, nil
}

// OpenToken returns the payload of a token of that kind, or ErrSealed.
func (v *Vault) OpenToken(kind, token string) ([]byte, error) {
	b, err := decodeToken(token)
	if err != nil {
		return nil, err
	}
	return open(v.keyOf(kind), b)
}

// Fixed is a token that is always the same for (kind, id): a bearer link that
// needs no row. It is the id and a keyed hash of it.
func (v *Vault) Fixed(kind string, id []byte) string {
	h := mac(v.derive(linkKey, "fixed/"+kind), string(id))
	return base64.RawURLEncoding.EncodeToString(append(append([]byte{}, id...), h[:]...))
}

// OpenFixed returns the id of a token made by Fixed, or ErrSealed.
func (v *Vault) OpenFixed(kind, token string) ([]byte, error) {
	b, err := decodeToken(token)
	if err != nil || len(b) < 17 {
		return nil, ErrSealed
	}
	id, tag := b[:len(b)-16], b[len(b)-16:]
	h := mac(v.derive(linkKey, "fixed/"+kind), string(id))
	if !hmac.Equal(h[:], tag) {
		return nil, ErrSealed
	}
	return id, nil
}
