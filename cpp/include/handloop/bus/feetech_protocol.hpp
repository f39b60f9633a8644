// Feetech's STS, SMS, HLS and SCS servos behind the common face.
#pragma once

#include "handloop/bus/feetech_packet.hpp"
#include "handloop/bus/protocol.hpp"

namespace handloop::bus {

class FeetechProtocol final : public Protocol {
 public:
  // SCS servos do not know sync read.
  explicit FeetechProtocol(bool sync_read = true) : sync_read_(sync_read) {}

  Bytes ping(std::uint8_t id) override { return feetech::ping(writer_, id); }
  Bytes read(const Registers& r) override { return feetech::read(writer_, r); }
  Bytes write(const Registers& r) override { return feetech::write(writer_, r); }
  Bytes reg_write(const Registers& r) override { return feetech::reg_write(writer_, r); }
  Bytes action(std::uint8_t id) override { return feetech::action(writer_, id); }
  Bytes reboot(std::uint8_t id) override { return feetech::reboot(writer_, id); }
  // The maker does not say what survives.
  Bytes factory_reset(std::uint8_t id, Kept kept) override {
    return kept == Kept::kNothing ? feetech::factory_reset(writer_, id) : Bytes{};
  }
  Bytes clear_turns(std::uint8_t id) override { return feetech::clear_turns(writer_, id); }
  std::size_t ping_size() const override { return 0; }

  Bytes group_read(std::span<const Registers> servos, bool fast) override {
    return fast || !sync_read_ ? Bytes{} : feetech::sync_read(writer_, servos);
  }
  Bytes group_write(std::span<const Registers> servos) override {
    return feetech::sync_write(writer_, servos);
  }

  std::size_t reply_size(std::span<const Registers> servos, bool) const override {
    std::size_t size = 0;
    for (const Registers& r : servos) size += kStatusSize + r.size;
    return size;
  }

  void expect(std::span<const Registers> servos, bool) override {
    parser_.clear();
    std::size_t largest = 0;
    for (const Registers& r : servos) largest = std::max<std::size_t>(largest, r.size);
    parser_.expect_at_most(kStatusSize + largest);
  }

  ByteQueue& queue() override { return parser_.queue(); }
  std::optional<Reply> next(bool last_call) override {
    const auto packet = parser_.next(last_call);
    if (!packet) return std::nullopt;
    return Reply{packet->id, 0, packet->code, packet->parameters};
  }
  std::size_t unread() override { return parser_.queue().size(); }

 private:
  static constexpr std::size_t kStatusSize = feetech::kHeaderSize + 2;  // alarms, checksum

  bool sync_read_;
  feetech::PacketWriter writer_;
  feetech::Parser parser_;
};

}  // namespace handloop::bus
