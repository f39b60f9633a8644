// The host's side of one line of servos: who is asked, how long an answer is waited for, and what a
// silent or a damaged one costs the others, which is its time and nothing else.
#pragma once

#include "handloop/bus/exchange.hpp"
#include "handloop/bus/group.hpp"
#include "handloop/bus/overdue.hpp"
#include "handloop/bus/suspects.hpp"

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
      : exchange_(wire, protocol, config.return_delay + config.patience), config_(config) {}

  Wire& wire() { return exchange_.wire(); }
  Protocol& protocol() { return exchange_.protocol(); }

  // A request that nobody answers. False: it is none, or the line is gone.
  bool tell(Bytes request) { return !request.empty() && exchange_.send(request); }

  // A request to one servo. What it answered is good until the line is used again.
  struct Answer {
    Outcome outcome = Outcome::kNotAsked;
    Reply reply;
  };
  Answer ask(std::uint8_t id, Bytes request, std::size_t data_size) {
    const Registers asked{id, 0, static_cast<std::uint16_t>(data_size), {}};
    if (request.empty()) return {};
    if (!exchange_.ask(request, {&asked, 1}, false)) return {Outcome::kGone, {}};
    while (true) {
      const Wait end = exchange_.wait();
      const std::size_t unread = protocol().unread();
      while (const auto reply = protocol().next(end != Wait::kBytes)) {
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
    if (request.empty() || !exchange_.ask(request, {&anyone, 1}, false)) return false;
    const std::int64_t end = wire().now() + duration;
    while (true) {
      const Wait waited = exchange_.wait_until(end);
      while (const auto reply = protocol().next(waited != Wait::kBytes)) {
        if (reply->data.size() == data_size) visit(*reply);
      }
      if (waited == Wait::kGone) return false;
      if (waited == Wait::kTimeout || wire().now() >= end) return true;
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
    while (pending_count_ > 0) {
      alone_ ? listen_to_one(group) : listen(group);
      if (suspects_.full(group.mute_)) pending_count_ = 0;
      if (pending_count_ > 0) ask_pending(group);
    }
    conclude(group);
    probe(group);
  }
  void read(Group& group) {
    begin(group);
    finish(group);
  }

 private:
  static bool answers(const Reply& reply, const Registers& asked) {
    return reply.id == asked.id && (reply.refusal != 0 || reply.data.size() == asked.size);
  }

  // Those that were silent are asked last, where their silence costs the others nothing, and where
  // a machine that stalls at the same place again does not look like theirs.
  void choose(Group& group) {
    suspects_.clear();
    overdue_.age();
    late_ = false;
    pending_count_ = 0;
    for (const bool suspected : {false, true}) {
      for (std::size_t n = 0; n < group.size_; ++n) {
        const std::size_t i = (group.first_ + n) % group.size_;
        const bool skipped = group.silences_[i] >= config_.silences;
        group.reading_[i].outcome = skipped ? Outcome::kSkipped : Outcome::kNotAsked;
        if (!skipped && (group.silences_[i] > 0) == suspected) pending_[pending_count_++] = i;
      }
    }
  }

  void ask_pending(Group& group) {
    for (std::size_t k = 0; k < pending_count_; ++k) asked_[k] = group.servo_[pending_[k]];
    const std::span<const Registers> asked(asked_.data(), pending_count_);
    const Bytes request = protocol().group_read(asked, config_.fast);
    alone_ = request.empty();
    overdue_.cut();
    if (!alone_ && pending_count_ > 0 && !exchange_.ask(request, asked, config_.fast)) gone(group);
  }

  void listen(Group& group) {
    answered_.fill(false);
    while (true) {
      const Wait end = exchange_.wait();
      if (end == Wait::kGone) return gone(group);
      while (const auto reply = protocol().next(false)) note(group, *reply);
      if (end == Wait::kTimeout) break;
      if (answered_[pending_count_ - 1]) break;  // the last one speaks last
    }
    const std::size_t unread = protocol().unread();
    while (const auto reply = protocol().next(true)) note(group, *reply);
    late_ = late_ || protocol().overtaken();
    judge(group, unread > 0);
  }

  // Of an answer that was given up the last one is not the last one: ours is to follow.
  void note(Group& group, const Reply& reply) {
    const bool late = overdue_.takes(reply.id, asked_[0].id);
    late_ = late_ || late;
    for (std::size_t k = 0; k < pending_count_; ++k) {
      if (!answers(reply, asked_[k])) continue;
      answered_[k] = !late || k + 1 < pending_count_;
      keep(reply, group, pending_[k]);
    }
  }

  void keep(const Reply& reply, Group& group, std::size_t i) {
    Reading& reading = group.reading_[i];
    group.silences_[i] = 0;
    suspects_.hear();
    reading.outcome = Outcome::kAnswered;
    reading.refusal = reply.refusal;
    reading.alarms = reply.alarms;
    if (reply.refusal != 0) return;
    reading.time = wire().now();
    std::copy(reply.data.begin(), reply.data.end(), reading.data.begin());
  }

  // Who did not answer though a later one did was not understood. The first one behind the last
  // answer is to blame for the silence, and those behind it are asked again.
  void judge(Group& group, bool unread) {
    std::size_t heard = pending_count_;
    while (heard > 0 && !answered_[heard - 1]) --heard;
    for (std::size_t k = 0; k < heard; ++k) {
      if (!answered_[k]) group.reading_[pending_[k]].outcome = Outcome::kDamaged;
    }
    if (heard < pending_count_) {
      overdue_.begin(asked_[heard].id, asked_[pending_count_ - 1].id);
      suspect(group, pending_[heard++], unread ? Outcome::kDamaged : Outcome::kSilent);
    }
    drop_pending(heard);
  }

  void suspect(Group& group, std::size_t i, Outcome outcome) {
    group.reading_[i].outcome = outcome;
    suspects_.add(i);
  }

  void drop_pending(std::size_t count) {
    std::copy(pending_.begin() + static_cast<std::ptrdiff_t>(count),
              pending_.begin() + static_cast<std::ptrdiff_t>(pending_count_), pending_.begin());
    pending_count_ -= count;
  }

  void listen_to_one(Group& group) {
    const std::size_t i = pending_[0];
    const Outcome outcome = ask_alone(group, i);
    if (outcome == Outcome::kGone) return gone(group);
    if (outcome != Outcome::kAnswered) suspect(group, i, outcome);
    drop_pending(1);
  }

  Outcome ask_alone(Group& group, std::size_t i) {
    const Registers& servo = group.servo_[i];
    const Answer answer = ask(servo.id, protocol().read(servo), servo.size);
    group.reading_[i].outcome = answer.outcome;
    if (answer.outcome == Outcome::kAnswered) keep(answer.reply, group, i);
    return answer.outcome;
  }

  // Where an answer was late, silence tells nothing.
  void conclude(Group& group) {
    group.mute_ = !suspects_.heard();
    if (group.mute_ && !suspects_.all().empty()) return blame_line(group);
    if (late_) return;
    for (const std::size_t i : suspects_.all()) {
      if (group.reading_[i].outcome != Outcome::kSilent) continue;
      if (++group.silences_[i] == config_.silences)
        next_probe_ = wire().now() + config_.probe_every;
    }
  }

  // A silent line is asked from another servo on in each cycle, so that those in front cannot hide
  // the others for long.
  void blame_line(Group& group) {
    group.first_ = (suspects_.all().back() + 1) % group.size_;
    for (std::size_t i = 0; i < group.size_; ++i) {
      Outcome& outcome = group.reading_[i].outcome;
      if (outcome == Outcome::kNotAsked) outcome = Outcome::kSilent;
    }
  }

  // Now and then one of those skipped, in turn. Where one is back, the others may be, too.
  void probe(Group& group) {
    if (wire().now() < next_probe_) return;
    for (std::size_t n = 0; n < group.size_; ++n) {
      const std::size_t i = ++probed_ % group.size_;
      if (group.reading_[i].outcome != Outcome::kSkipped) continue;
      next_probe_ = wire().now() + config_.probe_every;
      if (ask_alone(group, i) == Outcome::kAnswered) group.forgive();
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

  Exchange exchange_;
  LineConfig config_;
  Suspects suspects_;  // of this cycle
  Overdue overdue_;
  bool late_ = false;            // it came in this cycle
  bool alone_ = false;           // the family has no request for this group
  std::int64_t next_probe_ = 0;  // [ns]
  std::size_t probed_ = 0, pending_count_ = 0;
  std::array<std::size_t, kMaxServos> pending_{};
  std::array<Registers, kMaxServos> asked_{};
  std::array<bool, kMaxServos> answered_{};
};

}  // namespace handloop::bus
