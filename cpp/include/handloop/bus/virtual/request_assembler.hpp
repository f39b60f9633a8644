// Puts a host's bytes together to requests, as the firmware of a servo does: what follows a header
// counts until its length is full, and a silence of 1.5 ms ends whatever was begun (e-Manual,
// "Processing Order of Receiving Instruction Packet").
#pragma once

#include <array>
#include <optional>

#include "handloop/bus/dynamixel_packet.hpp"
#include "handloop/bus/feetech_packet.hpp"
#include "handloop/bus/virtual/servo_model.hpp"
#include "handloop/bus/virtual/virtual_servo.hpp"

namespace handloop::bus::virtual_servo {

class RequestAssembler {
 public:
  explicit RequestAssembler(Protocol protocol) : protocol_(protocol) {}

  // One more byte, from `begin` to `end` [ns]. What is returned is good until the next one.
  std::optional<Request> add(std::uint8_t byte, std::int64_t begin, std::int64_t end) {
    if (complete_ || begin - heard_ > kGap) size_ = 0;
    complete_ = false;
    heard_ = end;
    buffer_[size_++] = byte;
    return protocol_ == Protocol::kDynamixel2 ? next<dynamixel::Format>() : next<feetech::Format>();
  }

 private:
  static constexpr std::int64_t kGap = 1'500'000;  // [ns]

  template <typename Format>
  std::optional<Request> next() {
    for (;;) {
      drop(Format::find({buffer_.data(), size_}));
      if (size_ < Format::kHeaderSize) return std::nullopt;
      const std::size_t packet = Format::size({buffer_.data(), size_});
      if (packet != 0 && packet <= Format::kMaxPacket) {
        if (size_ < packet) return std::nullopt;
        complete_ = true;
        const auto opened = Format::open({buffer_.data(), size_});
        return opened ? request_of(*opened) : Request{id<Format>(), 0, {}, true};
      }
      drop(1);
    }
  }

  template <typename Format>
  std::uint8_t id() const {
    return buffer_[Format::kHeaderSize == dynamixel::kHeaderSize ? 4 : 2];
  }
  static Request request_of(const dynamixel::Packet& p) {
    return {p.id, static_cast<std::uint8_t>(p.instruction), p.parameters};
  }
  static Request request_of(const feetech::Packet& p) { return {p.id, p.code, p.parameters}; }

  void drop(std::size_t count) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(count),
              buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
    size_ -= count;
  }

  Protocol protocol_;
  std::array<std::uint8_t, dynamixel::kMaxPacket> buffer_{};
  std::size_t size_ = 0;
  std::int64_t heard_ = 0;  // [ns], the last byte's end
  bool complete_ = false;
};

}  // namespace handloop::bus::virtual_servo
