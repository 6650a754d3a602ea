// The rooms of Unio in Go with gorilla/websocket, as one would write them: for `make bench`.
//
//	server ADDRESS DATABASE SECRET_FILE	(unix:PATH or tcp:HOST:PORT)
//
// Checks the token and who may enter, tells the room of who comes and goes, passes candidates and offers on. It has no
// limits but a bounded queue for each client, no resume and no events.
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	_ "github.com/mattn/go-sqlite3"
)

const (
	frameMax = 64 << 10
	queueMax = 1024 // frames that wait for a slow client
)

const accessSQL = `SELECT a.id, a.email, a.full_name, m.title, b.role FROM account a
	JOIN login l ON l.id = ? AND l.user_id = a.id AND l.revoked_at IS NULL
	JOIN meeting m ON m.id = ? JOIN member b ON b.meeting_id = m.id AND b.user_id = a.id
	WHERE a.id = ? AND a.disabled_at IS NULL`

type claims struct {
	UserID    int64  `json:"user_id"`
	SID       int64  `json:"sid"`
	Exp       int64  `json:"exp"`
	TokenType string `json:"token_type"`
}

type who struct {
	UserID    int64  `json:"user_id"`
	Email     string `json:"email"`
	FullName  string `json:"full_name"`
	SessionID string `json:"session_id"`
}

type presence struct {
	Type string `json:"type"`
	who
	Message string `json:"message"`
}

type welcome struct {
	Type      string  `json:"type"`
	SessionID string  `json:"session_id"`
	Self      self    `json:"self"`
	Meeting   meeting `json:"meeting"`
	Peers     []who   `json:"peers"`
}

type self struct {
	UserID int64  `json:"user_id"`
	Role   string `json:"role"`
}

type meeting struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

type incoming struct {
	Type      string          `json:"type"`
	Candidate json.RawMessage `json:"candidate"`
	Offer     json.RawMessage `json:"offer"`
}

type relayed struct {
	Type        string          `json:"type"`
	Candidate   json.RawMessage `json:"candidate,omitempty"`
	Offer       json.RawMessage `json:"offer,omitempty"`
	FromUser    int64           `json:"from_user"`
	FromEmail   string          `json:"from_email,omitempty"`
	FromSession string          `json:"from_session"`
}

type session struct {
	who
	conn  *websocket.Conn
	queue chan *websocket.PreparedMessage
}

type room struct {
	mutex    sync.Mutex
	sessions map[*session]bool
}

type server struct {
	secret   []byte
	access   *sql.Stmt
	upgrader websocket.Upgrader
	mutex    sync.Mutex
	rooms    map[int64]*room
}

func main() {
	secret, err := os.ReadFile(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+os.Args[2]+"?mode=ro")
	if err != nil {
		log.Fatal(err)
	}
	access, err := db.Prepare(accessSQL)
	if err != nil {
		log.Fatal(err)
	}
	s := &server{secret: secret, access: access, rooms: map[int64]*room{}}
	s.upgrader.Subprotocols = []string{"unio.v1"}
	network, address, _ := strings.Cut(os.Args[1], ":")
	listener, err := net.Listen(network, address)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, s))
}

func (s *server) claims(token string) (c claims, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errors.New("no token")
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	given, _ := base64.RawURLEncoding.DecodeString(parts[2])
	if !hmac.Equal(given, mac.Sum(nil)) {
		return c, errors.New("a wrong signature")
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &c) != nil || c.TokenType != "access" || c.Exp <= time.Now().Unix() {
		return c, errors.New("no valid access token")
	}
	return c, nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/ws/meeting/"), "/")
	id, err := strconv.ParseInt(path, 10, 64)
	c, tokenErr := s.claims(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if err != nil || tokenErr != nil {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	me := &session{queue: make(chan *websocket.PreparedMessage, queueMax)}
	hello := welcome{Type: "welcome", Meeting: meeting{ID: id}, Peers: []who{}}
	row := s.access.QueryRow(c.SID, id, c.UserID)
	if row.Scan(&me.UserID, &me.Email, &me.FullName, &hello.Meeting.Title, &hello.Self.Role) != nil {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	me.conn, err = s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	me.SessionID = base64.RawURLEncoding.EncodeToString(random)
	hello.SessionID, hello.Self.UserID = me.SessionID, me.UserID
	go me.write()
	where := s.enter(id, me, &hello)
	me.read(where)
	s.leave(id, where, me)
}

func (s *server) enter(id int64, me *session, hello *welcome) *room {
	s.mutex.Lock()
	where := s.rooms[id]
	if where == nil {
		where = &room{sessions: map[*session]bool{}}
		s.rooms[id] = where
	}
	where.mutex.Lock()
	s.mutex.Unlock()
	defer where.mutex.Unlock()
	for peer := range where.sessions {
		hello.Peers = append(hello.Peers, peer.who)
	}
	where.sessions[me] = true
	where.tell(presence{"user_joined", me.who, me.FullName + " joined the meeting"}, nil)
	me.send(prepare(hello))
	return where
}

func (s *server) leave(id int64, where *room, me *session) {
	s.mutex.Lock()
	where.mutex.Lock()
	delete(where.sessions, me)
	if len(where.sessions) == 0 {
		delete(s.rooms, id)
	}
	s.mutex.Unlock()
	where.tell(presence{"user_left", me.who, me.FullName + " left the meeting"}, nil)
	where.mutex.Unlock()
	close(me.queue)
	me.conn.Close()
}

// Called with the room locked.
func (where *room) tell(message any, but *session) {
	prepared := prepare(message)
	for to := range where.sessions {
		if to != but {
			to.send(prepared)
		}
	}
}

func prepare(message any) *websocket.PreparedMessage {
	text, err := json.Marshal(message)
	if err != nil {
		log.Fatal(err)
	}
	prepared, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
	if err != nil {
		log.Fatal(err)
	}
	return prepared
}

// A slow client loses its connection.
func (me *session) send(message *websocket.PreparedMessage) {
	select {
	case me.queue <- message:
	default:
		me.conn.Close()
	}
}

func (me *session) write() {
	for message := range me.queue {
		if me.conn.WritePreparedMessage(message) != nil {
			me.conn.Close()
		}
	}
}

func (me *session) read(where *room) {
	me.conn.SetReadLimit(frameMax)
	for {
		kind, text, err := me.conn.ReadMessage()
		if err != nil {
			return
		}
		var in incoming
		if kind != websocket.TextMessage || json.Unmarshal(text, &in) != nil {
			me.send(prepare(map[string]string{"type": "error", "code": "invalid_json"}))
			continue
		}
		out := relayed{FromUser: me.UserID, FromSession: me.SessionID}
		switch {
		case in.Type == "ice-candidate" && in.Candidate != nil:
			out.Type, out.Candidate = "ice_candidate", in.Candidate
		case in.Type == "offer" && in.Offer != nil:
			out.Type, out.Offer, out.FromEmail = "webrtc_offer", in.Offer, me.Email
		default:
			me.send(prepare(map[string]string{"type": "error", "code": "unknown_type"}))
			continue
		}
		where.mutex.Lock()
		where.tell(out, me)
		where.mutex.Unlock()
	}
}
