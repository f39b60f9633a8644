// A Feetech on its line (Feetech, "Communication protocol user manual"). Unlike a Dynamixel it
// refuses nothing; its error byte holds alarms only. Servos of the SCS series answer one at a time:
// they know neither the sync read nor the broadcast ping.
#pragma once

#include "handloop/bus/feetech_packet.hpp"
#include "handloop/bus/virtual/feetech_motion.hpp"

namespace handloop::bus::virtual_servo {

class FeetechServo final : public FeetechMotion {
 public:
  using FeetechMotion::FeetechMotion;

  void hear(const Request& request, std::int64_t now) override {
    be_silent();
    waits_ = false;
    size_ = 0;
    id_heard_ = id();
    const bool all = request.id == feetech::kBroadcast;
    if (request.damaged || (request.id != id() && !all)) return;
    obey(request, all, now);
  }

  void hear_answer(std::uint8_t from, Bytes, std::int64_t now) override {
    if (!waits_ || from != before_) return;
    waits_ = false;
    answer_after(now);
  }

  Answer answer() override {
    be_silent();
    std::array<std::uint8_t, 256> data;
    const auto out = std::span(data).first(size_);
    table_.peek(address_, out);
    return {id_heard_, feetech::status(writer_, id_heard_, alarms(), out)};
  }

  void answered(std::int64_t) override { load_baud(); }

 private:
  using Instruction = feetech::Instruction;

  void obey(const Request& r, bool all, std::int64_t now) {
    const Bytes p = r.parameters;
    switch (static_cast<Instruction>(r.instruction)) {
      case Instruction::kPing:
        return ping(all, now);
      case Instruction::kRead:
        if (p.size() == 2 && !all) reads(p[0], p[1], now);
        return;
      case Instruction::kSyncRead:
        return sync_read(p, now);
      case Instruction::kSyncWrite:
        return sync_write(p);
      case Instruction::kReboot:
        return power_off(now, model_.reboot_time);
      default:
        change(static_cast<Instruction>(r.instruction), p);
        // At the lower level only what is asked for is answered.
        if (!all && table_.get(Role::kStatusReturnLevel) > 0) answer_after(now);
        if (answer_at() == kNever) load_baud();
    }
  }

  void ping(bool all, std::int64_t now) {
    if (!all) answer_after(now);
    if (all && model_.answers_groups) answer_after(now + id() * ping_slot());
  }

  void change(Instruction instruction, Bytes p) {
    switch (instruction) {
      case Instruction::kWrite:
        if (p.size() > 1) write(p[0], p.subspan(1));
        return;
      case Instruction::kRegWrite:
        remembered_size_ = std::min(p.size(), remembered_.size());
        std::copy_n(p.begin(), remembered_size_, remembered_.begin());
        table_.set(Role::kRegistered, 1);
        return;
      case Instruction::kAction:
        if (remembered_size_ > 1) {
          write(remembered_[0], Bytes(remembered_).subspan(1, remembered_size_ - 1));
        }
        remembered_size_ = 0;
        table_.set(Role::kRegistered, 0);
        return;
      case Instruction::kFactoryReset:
        table_.factory_reset(FactoryReset::kAllButId);
        return switch_torque(false);
      case Instruction::kCalibrate:
        return centre();
      default:
        return;
    }
  }

  void reads(std::uint8_t address, std::uint8_t size, std::int64_t now) {
    address_ = address;
    size_ = size;
    answer_after(now);
  }

  void sync_read(Bytes p, std::int64_t now) {
    if (p.size() < 3 || !model_.answers_groups) return;
    const Bytes ids = p.subspan(2);
    const auto mine =
        static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id()) - ids.begin());
    if (mine == ids.size()) return;
    reads(p[0], p[1], now);
    if (mine == 0) return;
    be_silent();
    waits_ = true;
    before_ = ids[mine - 1];
  }

  void sync_write(Bytes p) {
    if (p.size() < 2) return;
    const std::size_t size = p[1];
    for (std::size_t at = 2; at + 1 + size <= p.size(); at += 1 + size) {
      if (p[at] == id()) write(p[0], p.subspan(at + 1, size));
    }
  }

  void write(std::size_t address, Bytes data) { obey_registers(table_.force(address, data)); }

  feetech::PacketWriter writer_;
  std::array<std::uint8_t, 256> remembered_{};
  std::size_t remembered_size_ = 0;
  std::size_t address_ = 0, size_ = 0;
  std::uint8_t id_heard_ = 0, before_ = 0;
  bool waits_ = false;
};

}  // namespace handloop::bus::virtual_servo
