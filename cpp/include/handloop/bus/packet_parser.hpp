// Finds packets in a stream of bytes, however damaged.
#pragma once

#include <optional>
#include <utility>

#include "handloop/bus/byte_queue.hpp"

namespace handloop::bus {

// `Format` says what a packet is: its `Packet`, `kHeaderSize`, `kMaxPacket` and
//   find(bytes)   where a header begins, or might once more bytes are there; bytes.size(): nowhere
//   size(header)  of the whole packet; 0 where no sender would write that
//   open(bytes)   checks a whole packet and takes it apart, in place; nothing where it is damaged
//
// Of a damaged packet only the first byte is passed over: its length may be what was damaged, and
// a good packet may stand in what it claims.
template <typename Format>
class PacketParser {
 public:
  using Packet = typename Format::Packet;

  ByteQueue& queue() { return queue_; }
  std::uint64_t damaged() const { return damaged_; }
  // A damaged length must not wait for bytes that nobody sends.
  void expect_at_most(std::size_t packet_size) { limit_ = packet_size; }
  void clear() {
    queue_.clear();
    taken_ = 0;
  }

  // The next packet, good until the call after. `last_call`: nothing more will come, so the begin
  // of a packet is none.
  std::optional<Packet> next(bool last_call = false) {
    queue_.drop(std::exchange(taken_, 0));
    while (queue_.drop(Format::find(queue_.bytes())), queue_.size() >= Format::kHeaderSize) {
      const std::size_t size = Format::size(queue_.bytes());
      if (size != 0 && size <= limit_) {
        if (size > queue_.size() && !last_call) return std::nullopt;
        if (size <= queue_.size()) {
          if (auto packet = Format::open({queue_.data(), size})) {
            taken_ = size;
            return packet;
          }
          ++damaged_;
        }
      }
      queue_.drop(1);
    }
    return std::nullopt;
  }

 private:
  ByteQueue queue_;
  std::size_t limit_ = Format::kMaxPacket, taken_ = 0;
  std::uint64_t damaged_ = 0;
};

}  // namespace handloop::bus
