package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// tagMAC is how many bytes prove that a tag is ours. Guesses are made by mail,
// one a letter: 80 bits are more than can be sent.
const tagMAC = 10

// maxTag is the longest payload of a tag.
const maxTag = 32

// base32 in small letters: what stands in an address may have its case changed.
func tagCoding() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// Tag seals a payload of up to 32 bytes into as few letters as an address has
// room for, always the same for the same payload. Its keyed hash is both the
// proof and the start of the key stream (a synthetic IV, as in RFC 5297): what
// Seal needs for a random nonce would not fit.
func (v *Vault) Tag(kind string, payload []byte) string {
	if len(payload) > maxTag {
		panic("vault: a tag is short") // the caller's constant
	}
	iv := v.tagProof(kind, payload)
	return tagCoding().EncodeToString(append(iv, v.tagStream(kind, iv, payload)...))
}

// OpenTag returns the payload of a tag of that kind, or ErrSealed. A tag may
// have its case changed on the way, and has no other second spelling.
func (v *Vault) OpenTag(kind, tag string) ([]byte, error) {
	if len(tag) > 2*(tagMAC+maxTag) {
		return nil, ErrSealed
	}
	tag = strings.ToLower(tag)
	b, err := tagCoding().DecodeString(tag)
	if err != nil || len(b) < tagMAC || len(b) > tagMAC+maxTag || tagCoding().EncodeToString(b) != tag {
		return nil, ErrSealed
	}
	payload := v.tagStream(kind, b[:tagMAC], b[tagMAC:])
	if !hmac.Equal(v.tagProof(kind, payload), b[:tagMAC]) {
		return nil, ErrSealed
	}
	return payload, nil
}

func (v *Vault) tagProof(kind string, payload []byte) []byte {
	m := hmac.New(sha256.New, v.derive(linkKey, "tag-proof/"+kind))
	m.Write(payload)
	return m.Sum(nil)[:tagMAC:tagMAC]
}

// tagStream covers the payload, or uncovers it.
func (v *Vault) tagStream(kind string, iv, payload []byte) []byte {
	m := hmac.New(sha256.New, v.derive(linkKey, "tag-stream/"+kind))
	m.Write(iv)
	out := m.Sum(nil)[:len(payload)]
	for i := range out {
		out[i] ^= payload[i]
	}
	return out
}
