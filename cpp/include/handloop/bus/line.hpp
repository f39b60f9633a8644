// The host's side of one line of servos: who is asked, how long an answer is waited for, and what a
// silent or a damaged one costs the others, which is its time and nothing else.
#pragma once

#include <algorithm>

#include "handloop/bus/group.hpp"
#include "handloop/bus/protocol.hpp"
#include "handloop/bus/wire.hpp"

namespace handloop::bus {

struct LineConfig {
  std::int64_t return_delay = 500'000;       // [ns], the longest set in a servo of this line
  std::int64_t patience = 2'000'000;         // [ns], beyond what delay and bytes take
  int silences = 2;                          // in a row, until a servo is skipped
  std::int64_t probe_every = 1'000'000'000;  // [ns], one of those skipped
  bool fast = false;                         // all servos of the line know fast reads
};

class Line {
 public:
  Line(Wire& wire, Protocol& protocol, const LineConfig& config)
      : wire_(wire), protocol_(protocol), config_(config) {}

  Wire& wire() { return wire_; }
  Protocol& protocol() { return protocol_; }

  // A request that nobody answers. False: it is none, or the line is gone.
  bool tell(Bytes request) { return !request.empty() && send(request); }

  // A request to one servo. What it answered is good until the line is used again.
  struct Answer {
    Outcome outcome = Outcome::kNotAsked;
    Reply reply;
  };
  Answer ask(std::uint8_t id, Bytes request, std::size_t data_size) {
    const Registers asked{id, 0, static_cast<std::uint16_t>(data_size), {}};
    if (request.empty()) return {};
    if (!speak(request, {&asked, 1}, false)) return {Outcome::kGone, {}};
    while (true) {
      const Wait end = wait();
      const std::size_t unread = protocol_.unread();
      while (const auto reply = protocol_.next(end != Wait::kBytes)) {
        if (answers(*reply, asked)) return {Outcome::kAnswered, *reply};
      }
      if (end == Wait::kGone) return {Outcome::kGone, {}};
      if (end == Wait::kTimeout) return {unread > 0 ? Outcome::kDamaged : Outcome::kSilent, {}};
    }
  }

  // A request that any servos may answer, each once it is its turn, within `duration`. `visit` is
  // called with every reply, which is good until it returns. False: it is no request, or the line
  // is gone.
  template <typename Visit>
  bool census(Bytes request, std::size_t data_size, std::int64_t duration, Visit&& visit) {
    const Registers anyone{0, 0, static_cast<std::uint16_t>(data_size), {}};
    if (request.empty() || !speak(request, {&anyone, 1}, false)) return false;
    const std::int64_t end = wire_.now() + duration;
    while (true) {
      const Wait waited = wait_until(end);
      while (const auto reply = protocol_.next(waited != Wait::kBytes)) {
        if (reply->data.size() == data_size) visit(*reply);
      }
      if (waited == Wait::kGone) return false;
      if (waited == Wait::kTimeout || wire_.now() >= end) return true;
    }
  }

  // Asks a whole group. `begin` speaks and `finish` listens, so that several lines can be asked at
  // once. A group with a silent servo is asked again for those behind it, which did not hear their
  // turn.
  void begin(Group& group) {
    choose(group);
    ask_pending(group);
  }
  void finish(Group& group) {
    for (int round = 1; pending_count_ > 0; ++round) {
      if (alone_) {
        ask_one_by_one(group);
      } else {
        listen(group);
        if (pending_count_ > 0 && round < kRounds) ask_pending(group);
      }
      if (round == kRounds) pending_count_ = 0;
    }
    probe(group);
  }
  void read(Group& group) {
    begin(group);
    finish(group);
  }

 private:
  enum class Wait : std::uint8_t { kBytes, kTimeout, kGone };
  static constexpr int kRounds = 4;  // so many silent servos are worked around in one cycle

  static bool answers(const Reply& reply, const Registers& asked) {
    return reply.id == asked.id && (reply.refusal != 0 || reply.data.size() == asked.size);
  }

  bool speak(Bytes request, std::span<const Registers> asked, bool fast) {
    wire_.discard();
    protocol_.expect(asked, fast);
    const bool sent = send(request);
    const auto theirs = static_cast<std::int64_t>(protocol_.reply_size(asked, fast));
    const std::int64_t wait = config_.return_delay + config_.patience;
    deadline_ = left_ + wait;
    // Noise without an end must not hold the loop for ever; twice the bytes allows for stuffing.
    last_deadline_ =
        left_ + 2 * theirs * wire_.byte_time() + static_cast<std::int64_t>(asked.size()) * wait;
    return sent;
  }

  // A port takes bytes at once and sends them one after the other, also those of earlier requests.
  bool send(Bytes request) {
    const auto size = static_cast<std::int64_t>(request.size());
    left_ = std::max(left_, wire_.now()) + size * wire_.byte_time();
    return wire_.send(request);
  }

  // Every byte that comes renews the patience: the next one follows at once, or after the delay of
  // the next servo.
  Wait wait() {
    const Wait end = wait_until(deadline_);
    const std::int64_t now = wire_.now();
    deadline_ = std::min(now + config_.return_delay + config_.patience, last_deadline_);
    return end == Wait::kBytes && now >= last_deadline_ ? Wait::kTimeout : end;
  }

  Wait wait_until(std::int64_t deadline) {
    ByteQueue& queue = protocol_.queue();
    const std::ptrdiff_t count = wire_.receive(queue.room(), deadline);
    if (count < 0) return Wait::kGone;
    if (count == 0) return Wait::kTimeout;
    queue.filled(static_cast<std::size_t>(count));
    return Wait::kBytes;
  }

  void choose(Group& group) {
    pending_count_ = 0;
    for (std::size_t i = 0; i < group.size_; ++i) {
      const bool skipped = group.silences_[i] >= config_.silences;
      group.reading_[i].outcome = skipped ? Outcome::kSkipped : Outcome::kNotAsked;
      if (!skipped) pending_[pending_count_++] = i;
    }
  }

  void ask_pending(Group& group) {
    for (std::size_t k = 0; k < pending_count_; ++k) asked_[k] = group.servo_[pending_[k]];
    const std::span<const Registers> asked(asked_.data(), pending_count_);
    const Bytes request = protocol_.group_read(asked, config_.fast);
    alone_ = request.empty();
    if (!alone_ && pending_count_ > 0 && !speak(request, asked, config_.fast)) gone(group);
  }

  void listen(Group& group) {
    answered_.fill(false);
    while (true) {
      const Wait end = wait();
      if (end == Wait::kGone) return gone(group);
      while (const auto reply = protocol_.next(false)) note(group, *reply);
      if (end == Wait::kTimeout) break;
      if (answered_[pending_count_ - 1]) break;  // the last one speaks last
    }
    const std::size_t unread = protocol_.unread();
    while (const auto reply = protocol_.next(true)) note(group, *reply);
    judge(group, unread > 0);
  }

  void note(Group& group, const Reply& reply) {
    for (std::size_t k = 0; k < pending_count_; ++k) {
      if (!answers(reply, asked_[k])) continue;
      answered_[k] = true;
      keep(reply, group, pending_[k]);
    }
  }

  void keep(const Reply& reply, Group& group, std::size_t i) {
    Reading& reading = group.reading_[i];
    group.silences_[i] = 0;
    reading.outcome = Outcome::kAnswered;
    reading.refusal = reply.refusal;
    reading.alarms = reply.alarms;
    if (reply.refusal != 0) return;
    reading.time = wire_.now();
    std::copy(reply.data.begin(), reply.data.end(), reading.data.begin());
  }

  // Who did not answer though a later one did was not understood. The first one behind the last
  // answer is silent, and those behind it are asked again.
  void judge(Group& group, bool unread) {
    std::size_t heard = pending_count_;
    while (heard > 0 && !answered_[heard - 1]) --heard;
    for (std::size_t k = 0; k < heard; ++k) {
      if (!answered_[k]) group.reading_[pending_[k]].outcome = Outcome::kDamaged;
    }
    if (heard < pending_count_) {
      const std::size_t culprit = pending_[heard];
      group.reading_[culprit].outcome = unread ? Outcome::kDamaged : Outcome::kSilent;
      if (!unread) ++group.silences_[culprit];
      ++heard;
    }
    std::copy(pending_.begin() + static_cast<std::ptrdiff_t>(heard),
              pending_.begin() + static_cast<std::ptrdiff_t>(pending_count_), pending_.begin());
    pending_count_ -= heard;
  }

  void ask_one_by_one(Group& group) {
    for (std::size_t k = 0; k < pending_count_; ++k) ask_alone(group, pending_[k]);
    pending_count_ = 0;
  }

  void ask_alone(Group& group, std::size_t i) {
    const Registers& servo = group.servo_[i];
    const Answer answer = ask(servo.id, protocol_.read(servo), servo.size);
    group.reading_[i].outcome = answer.outcome;
    if (answer.outcome == Outcome::kAnswered) keep(answer.reply, group, i);
    if (answer.outcome == Outcome::kSilent) ++group.silences_[i];
  }

  // Now and then one of those skipped, in turn.
  void probe(Group& group) {
    if (wire_.now() < next_probe_) return;
    for (std::size_t n = 0; n < group.size_; ++n) {
      const std::size_t i = ++probed_ % group.size_;
      if (group.reading_[i].outcome != Outcome::kSkipped) continue;
      next_probe_ = wire_.now() + config_.probe_every;
      ask_alone(group, i);
      return;
    }
  }

  void gone(Group& group) {
    for (std::size_t k = 0; k < pending_count_; ++k) {
      Reading& reading = group.reading_[pending_[k]];
      if (reading.outcome != Outcome::kAnswered) reading.outcome = Outcome::kGone;
    }
    pending_count_ = 0;
  }

  Wire& wire_;
  Protocol& protocol_;
  LineConfig config_;
  std::int64_t left_ = 0;  // [ns], when the last byte of ours has left
  std::int64_t deadline_ = 0, last_deadline_ = 0, next_probe_ = 0;
  std::size_t probed_ = 0, pending_count_ = 0;
  bool alone_ = false;  // the family has no request for this group
  std::array<std::size_t, kMaxServos> pending_{};
  std::array<Registers, kMaxServos> asked_{};
  std::array<bool, kMaxServos> answered_{};
};

}  // namespace handloop::bus
