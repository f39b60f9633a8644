// Dynamixel Protocol 2.0 behind the common face.
#pragma once

#include "handloop/bus/dynamixel_fast_reply.hpp"
#include "handloop/bus/dynamixel_request.hpp"
#include "handloop/bus/protocol.hpp"

namespace handloop::bus {

class DynamixelProtocol final : public Protocol {
 public:
  Bytes ping(std::uint8_t id) override { return dynamixel::ping(writer_, id); }
  Bytes read(const Registers& r) override { return dynamixel::read(writer_, r); }
  Bytes write(const Registers& r) override { return dynamixel::write(writer_, r); }
  Bytes reg_write(const Registers& r) override { return dynamixel::reg_write(writer_, r); }
  Bytes action(std::uint8_t id) override { return dynamixel::action(writer_, id); }
  Bytes reboot(std::uint8_t id) override { return dynamixel::reboot(writer_, id); }
  Bytes factory_reset(std::uint8_t id, Kept kept) override {
    using enum dynamixel::FactoryReset;
    constexpr std::array kWhat{kAll, kAllButId, kAllButIdAndBaud};
    return dynamixel::factory_reset(writer_, id, kWhat[static_cast<std::size_t>(kept)]);
  }
  Bytes clear_turns(std::uint8_t id) override { return dynamixel::clear_turns(writer_, id); }
  std::size_t ping_size() const override { return 3; }  // model number, firmware

  Bytes group_read(std::span<const Registers> servos, bool fast) override {
    return same_block(servos) ? dynamixel::sync_read(writer_, servos, fast)
                              : dynamixel::bulk_read(writer_, servos, fast);
  }
  Bytes group_write(std::span<const Registers> servos) override {
    return same_block(servos) ? dynamixel::sync_write(writer_, servos)
                              : dynamixel::bulk_write(writer_, servos);
  }

  std::size_t reply_size(std::span<const Registers> servos, bool fast) const override {
    std::size_t size = fast ? dynamixel::kFastHeaderSize : 0;
    for (const Registers& r : servos) {
      size += fast ? dynamixel::fast_part_size(r.size) : kStatusSize + r.size;
    }
    return size;
  }

  void expect(std::span<const Registers> servos, bool fast) override {
    parser_.clear();
    std::size_t largest = 0;
    for (const Registers& r : servos) largest = std::max<std::size_t>(largest, r.size);
    parser_.expect_at_most(kStatusSize + largest + largest / 3);  // at most one in four is stuffed
    fast_ = {};
    fast_begun_ = false;
    fast_next_ = 0;
    fast_count_ = fast ? std::min(servos.size(), fast_size_.size()) : 0;
    fast_length_ = 1;
    for (std::size_t i = 0; i < fast_count_; ++i) {
      fast_size_[i] = servos[i].size;
      fast_length_ += dynamixel::fast_part_size(servos[i].size);
    }
  }

  ByteQueue& queue() override { return parser_.queue(); }
  std::size_t unread() override {
    return parser_.queue().size() - (fast_begun_ ? fast_.position() : 0);
  }

  bool overtaken() const override { return fast_.overtaken(); }

  std::optional<Reply> next(bool last_call) override {
    if (fast_count_ > 0) return next_part();
    while (const auto packet = parser_.next(last_call)) {
      // Requests are no answers: an adapter may echo ours.
      if (!packet->is_status()) continue;
      return Reply{packet->id, static_cast<std::uint8_t>(packet->error()),
                   static_cast<std::uint8_t>(packet->alert()), packet->data()};
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kStatusSize = dynamixel::kHeaderSize + 4;  // status, error, CRC

  std::optional<Reply> next_part() {
    const Bytes bytes = parser_.queue().bytes();
    fast_begun_ = fast_begun_ || fast_.begin(bytes, fast_length_);
    while (fast_begun_ && fast_next_ < fast_count_ &&
           fast_.arrived(bytes, fast_size_[fast_next_])) {
      const auto part = fast_.next(bytes, fast_size_[fast_next_++]);
      if (!part) continue;
      return Reply{part->id, static_cast<std::uint8_t>(part->error),
                   static_cast<std::uint8_t>(part->alert), part->data};
    }
    return std::nullopt;
  }

  dynamixel::PacketWriter writer_;
  dynamixel::Parser parser_;
  dynamixel::FastReply fast_;
  bool fast_begun_ = false;
  std::size_t fast_next_ = 0, fast_count_ = 0, fast_length_ = 0;
  std::array<std::size_t, kMaxServos> fast_size_{};
};

}  // namespace handloop::bus
