package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
)

// The two keys of a petition (docs/trust.md, level 1). Both are derived from a
// key of the deployment and the petition's own random salt, so that
// destroying the salt destroys both: nobody can compute who signed any more.
//
//	Nb = HMAC-SHA256(kb, "petlog/v1/nul\0" || person)   by the broker
//	N  = HMAC-SHA256(ks, "petlog/v1/pub\0" || Nb)       by the server
//
// Listing who signed needs both keys and a list of persons.

// BrokerKey is kb of one petition.
type BrokerKey struct{ k []byte }

// ServerKey is ks of one petition.
type ServerKey struct{ k []byte }

// BrokerKey derives kb for the petition with this uid and salt.
func (v *Vault) BrokerKey(uid [16]byte, salt []byte) BrokerKey {
	return BrokerKey{v.petitionKey(brokerKey, uid, salt)}
}

// ServerKey derives ks for the petition with this uid and salt.
func (v *Vault) ServerKey(uid [16]byte, salt []byte) ServerKey {
	return ServerKey{v.petitionKey(serverKey, uid, salt)}
}

func (v *Vault) petitionKey(name string, uid [16]byte, salt []byte) []byte {
	k, err := hkdf.Key(sha256.New, v.keys[name], salt, "dauys/v1/"+name+"/petition/"+string(uid[:]), 32)
	if err != nil {
		panic(err) // only for an absurd length
	}
	return k
}

// Blind is Nb of a person: one canonical form of an address or a national number.
func (k BrokerKey) Blind(person string) Hash { return mac(k.k, "petlog/v1/nul\x00"+person) }

// Nullifier is N: public, unique per petition and person, unlinkable across petitions.
func (k ServerKey) Nullifier(nb Hash) Hash {
	m := hmac.New(sha256.New, k.k)
	m.Write([]byte("petlog/v1/pub\x00"))
	m.Write(nb[:])
	return Hash(m.Sum(nil)[:16])
}
