// A Dynamixel on its line: Protocol 2.0 from the servo's side (e-Manual, "Protocol 2.0",
// "Instruction Details").
//
// Servos that are asked together answer in the order of the request, each when it has heard the one
// before. One that is silent so silences all behind it (ROBOTIS-GIT/DynamixelSDK, issue 364).
#pragma once

#include "handloop/bus/virtual/dynamixel_motion.hpp"
#include "handloop/bus/virtual/dynamixel_reply.hpp"

namespace handloop::bus::virtual_servo {

class DynamixelServo final : public DynamixelMotion {
 public:
  using DynamixelMotion::DynamixelMotion;

  void hear(const Request& request, std::int64_t now) override {
    be_silent();
    reply_ = {};
    const bool all = request.id == dynamixel::kBroadcast;
    if (request.damaged) {
      if (request.id == id()) say(Error::kCrc, now);
      return;
    }
    watchdog_.feed(now);
    reply_.id = id();
    if (all || means_me(request.id)) obey(request, request.id != id(), now);
  }

  void hear_answer(std::uint8_t from, Bytes bytes, std::int64_t now) override {
    if (!reply_.waits) return;
    if (reply_.fast) reply_.crc = crc16(bytes, reply_.crc);
    if (from != reply_.before) return;
    reply_.waits = false;
    answer_after(now);
    if (reply_.fast) answer_at_ = now;
  }

  Answer answer() override {
    be_silent();
    std::array<std::uint8_t, ControlTable::kSize> data;
    const auto out = std::span(data).first(std::min<std::size_t>(reply_.size, data.size()));
    if (reply_.reads) reply_.error = table_.read(reply_.address, out);
    if (reply_.pings) identify(out);
    return {reply_.id, reply_writer_.write(reply_, alert() ? dynamixel::kAlert : 0, out)};
  }

  // What is said at the old baud rate, or before it goes away.
  void answered(std::int64_t now) override {
    load_baud();
    if (reply_.then_reboots) power_off(now, model_.reboot_time);
  }

 private:
  using Instruction = dynamixel::Instruction;

  enum Level : std::int64_t { kPings = 0, kReads = 1, kAll = 2 };  // of status returns

  bool says(Level level) const { return table_.get(Role::kStatusReturnLevel) >= level; }

  void say(Error error, std::int64_t now) {
    reply_.id = id();
    reply_.error = error;
    answer_after(now);
  }
  // An answer to what changes something: at the highest level only, and never to a broadcast.
  void confirm(Error error, bool all, std::int64_t now) {
    if (says(kAll) && !all) {
      reply_.error = error;
      answer_after(now);
    } else {
      answered(now);
    }
  }

  // Also under its secondary id, shared with others; under that it never answers.
  bool means_me(std::uint8_t to) const {
    const bool secondary = to <= dynamixel::kMaxId && to == table_.get(Role::kSecondaryId);
    return to == id() || secondary;
  }

  // `all`: not to this servo alone.
  void obey(const Request& r, bool all, std::int64_t now) {
    const Bytes p = r.parameters;
    switch (static_cast<Instruction>(r.instruction)) {
      case Instruction::kPing:
        return ping(r.id, now);
      case Instruction::kRead:
        return read(p, all, now);
      case Instruction::kWrite:
        return confirm(p.size() < 3 ? Error::kDataLength : write(word_at(p, 0), p.subspan(2)), all,
                       now);
      case Instruction::kRegWrite:
        return confirm(remember(p), all, now);
      case Instruction::kAction:
        return confirm(act(), all, now);
      case Instruction::kFactoryReset:
        return confirm(reset(p, all), all, now);
      case Instruction::kReboot:
        reply_.then_reboots = true;
        return confirm(Error::kNone, all, now);
      case Instruction::kClear:
        return confirm(clear(p), all, now);
      case Instruction::kBackup:
        return confirm(keep_copy(p), all, now);
      case Instruction::kSyncRead:
        return sync_read(p, false, now);
      case Instruction::kFastSyncRead:
        return sync_read(p, true, now);
      case Instruction::kBulkRead:
        return bulk_read(p, false, now);
      case Instruction::kFastBulkRead:
        return bulk_read(p, true, now);
      case Instruction::kSyncWrite:
        sync_write(p);
        return answered(now);
      case Instruction::kBulkWrite:
        bulk_write(p);
        return answered(now);
      default:
        return confirm(Error::kInstruction, all, now);
    }
  }

  void ping(std::uint8_t to, std::int64_t now) {
    reply_.pings = true;
    reply_.size = 3;
    if (to == id()) answer_after(now);
    if (to == dynamixel::kBroadcast) answer_after(now + id() * ping_slot());
  }

  void identify(std::span<std::uint8_t> out) const {
    const std::int64_t model = table_.get(Role::kModelNumber);
    out[0] = static_cast<std::uint8_t>(model);
    out[1] = static_cast<std::uint8_t>(model >> 8);
    out[2] = static_cast<std::uint8_t>(table_.get(Role::kFirmware));
  }

  void read(Bytes p, bool all, std::int64_t now) {
    if (all || !says(kReads)) return;
    if (p.size() != 4) return say(Error::kDataLength, now);
    reads(word_at(p, 0), word_at(p, 2));
    answer_after(now);
  }
  void reads(std::uint16_t address, std::uint16_t size) {
    reply_.reads = true;
    reply_.address = address;
    reply_.size = size;
  }

  Error write(std::size_t address, Bytes data) {
    const Written done = table_.write(address, data, eeprom_locked());
    if (done.error == Error::kNone) obey_registers(done.roles);
    return done.error;
  }

  Error remember(Bytes p) {
    if (p.size() < 3 || p.size() - 2 > remembered_.size()) return Error::kDataLength;
    const Written would = table_.check(word_at(p, 0), p.subspan(2), eeprom_locked());
    if (would.error != Error::kNone) return would.error;
    remembered_address_ = word_at(p, 0);
    remembered_size_ = p.size() - 2;
    std::copy(p.begin() + 2, p.end(), remembered_.begin());
    table_.set(Role::kRegistered, 1);
    return Error::kNone;
  }
  Error act() {
    if (table_.get(Role::kRegistered) == 0) return Error::kInstruction;
    table_.set(Role::kRegistered, 0);
    return write(remembered_address_, Bytes(remembered_).first(remembered_size_));
  }

  Error reset(Bytes p, bool all) {
    if (p.size() != 1) return Error::kDataLength;
    const auto kind = static_cast<FactoryReset>(p[0]);
    const bool known = kind == FactoryReset::kAll || kind == FactoryReset::kAllButId ||
                       kind == FactoryReset::kAllButIdAndBaud;
    // All servos with one id would be none that can be told apart.
    if (!known || (all && kind == FactoryReset::kAll)) return Error::kDataRange;
    table_.factory_reset(kind);
    obey_registers(RoleSet().set(static_cast<std::size_t>(Role::kTorqueEnable)));
    reply_.then_reboots = true;
    return Error::kNone;
  }

  Error keep_copy(Bytes p) {
    const Error error = back_up(p);
    reply_.then_reboots = error == Error::kNone && p[0] == kRestore;
    return error;
  }

  // Takes its turn among several; `turn`: how many come before it, `before`: the last of them.
  void take_turn(std::size_t turn, std::uint8_t before, std::int64_t now) {
    reply_.first = turn == 0;
    reply_.waits = turn != 0;
    reply_.before = before;
    if (turn == 0) answer_after(now);
  }
  bool can_answer_together(bool fast) {
    reply_.fast = fast;
    return says(kReads) && (!fast || table_.get(Role::kFirmware) >= model_.fast_read_firmware);
  }

  void sync_read(Bytes p, bool fast, std::int64_t now) {
    if (p.size() < 5 || !can_answer_together(fast)) return;
    const Bytes ids = p.subspan(4);
    const auto mine =
        static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id()) - ids.begin());
    if (mine == ids.size()) return;
    reads(word_at(p, 0), word_at(p, 2));
    reply_.length = dynamixel::fast_reply_length(ids.size(), reply_.size);
    take_turn(mine, mine > 0 ? ids[mine - 1] : std::uint8_t{0}, now);
  }

  void bulk_read(Bytes p, bool fast, std::int64_t now) {
    if (!can_answer_together(fast)) return;
    bool asked = false;
    reply_.length = 1;
    for (std::size_t i = 0; 5 * i + 5 <= p.size(); ++i) {
      const Bytes item = p.subspan(5 * i, 5);
      reply_.length += dynamixel::fast_part_size(word_at(item, 3));
      if (asked || item[0] != id()) continue;
      asked = true;
      reads(word_at(item, 1), word_at(item, 3));
      take_turn(i, i > 0 ? p[5 * i - 5] : std::uint8_t{0}, now);
    }
  }

  void sync_write(Bytes p) {
    if (p.size() < 4) return;
    const std::size_t size = word_at(p, 2);
    for (std::size_t at = 4; at + 1 + size <= p.size(); at += 1 + size) {
      if (means_me(p[at])) write(word_at(p, 0), p.subspan(at + 1, size));
    }
  }
  void bulk_write(Bytes p) {
    for (std::size_t at = 0; at + 5 <= p.size();) {
      const std::size_t size = word_at(p, at + 3);
      if (at + 5 + size > p.size()) return;
      if (means_me(p[at])) write(word_at(p, at + 1), p.subspan(at + 5, size));
      at += 5 + size;
    }
  }

  ReplyWriter reply_writer_;
  Reply reply_;
  std::array<std::uint8_t, 256> remembered_{};
  std::size_t remembered_size_ = 0;
  std::uint16_t remembered_address_ = 0;
};

}  // namespace handloop::bus::virtual_servo
