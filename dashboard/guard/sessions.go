package guard

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	maxSessions = 32
	maxLinks    = 8
	linkLife    = 2 * time.Minute
)

type digest = [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// session is one browser that is in, or that was in and needs the passphrase.
type session struct {
	used   time.Time
	locked bool
	ended  context.Context
	end    context.CancelFunc
}

type sessions struct {
	idle time.Duration
	now  func() time.Time

	mu sync.Mutex
	of map[digest]*session
}

func newSessions(idle time.Duration, now func() time.Time) *sessions {
	return &sessions{idle: idle, now: now, of: map[digest]*session{}}
}

// open begins a session; the one that was used least recently makes room.
func (s *sessions) open(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.of) >= maxSessions {
		s.dropOldest()
	}
	ended, end := context.WithCancel(context.Background())
	s.of[digestOf(id)] = &session{used: s.now(), ended: ended, end: end}
}

func (s *sessions) dropOldest() {
	var oldest digest
	var found *session
	for id, one := range s.of {
		if found == nil || one.used.Before(found.used) {
			oldest, found = id, one
		}
	}
	found.end()
	delete(s.of, oldest)
}

// use tells whether the id is in, and gives the context that ends with its session.
func (s *sessions) use(id string) (ended context.Context, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of[digestOf(id)]
	if one == nil || one.locked {
		return nil, false
	}
	now := s.now()
	if now.Sub(one.used) >= s.idle {
		one.locked = true
		one.end()
		return nil, false
	}
	one.used = now
	return one.ended, true
}

// wasIn tells whether the id had a session that is now locked.
func (s *sessions) wasIn(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of[digestOf(id)]
	return one != nil && (one.locked || s.now().Sub(one.used) >= s.idle)
}

func (s *sessions) close(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.of[digestOf(id)]; one != nil {
		one.end()
		delete(s.of, digestOf(id))
	}
}

// lock ends every session. Those who were in are remembered only if a passphrase can
// let them in again.
func (s *sessions) lock(remember bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.of {
		one.locked = true
		one.end()
	}
	if !remember {
		clear(s.of)
	}
}

// links are the launch links that are neither spent nor expired, oldest first.
type links struct {
	now func() time.Time

	mu   sync.Mutex
	kept []link
}

type link struct {
	token digest
	until time.Time
}

func newLinks(now func() time.Time) *links { return &links{now: now} }

func (l *links) add(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, link{digestOf(token), l.now().Add(linkLife)})
	if len(l.kept) > maxLinks {
		l.kept = l.kept[len(l.kept)-maxLinks:]
	}
}

func (l *links) valid(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.find(token) >= 0
}

// spend takes the token out; it succeeds once.
func (l *links) spend(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.find(token)
	if i < 0 {
		return false
	}
	l.kept = append(l.kept[:i], l.kept[i+1:]...)
	return true
}

func (l *links) find(token string) int {
	want, now := digestOf(token), l.now()
	for i, one := range l.kept {
		if one.token == want && now.Before(one.until) {
			return i
		}
	}
	return -1
}

func (l *links) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = nil
}
