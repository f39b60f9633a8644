// Bytes that came off a wire and are not understood yet, in one piece and without the heap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace handloop::bus {

using Bytes = std::span<const std::uint8_t>;

class ByteQueue {
 public:
  static constexpr std::size_t kCapacity = 8192;

  Bytes bytes() const { return {buffer_.data() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  std::uint8_t* data() { return buffer_.data() + begin_; }

  // Where the next bytes may be written, all of it after what is still waiting. What nobody has
  // understood in a full queue is noise: the older half of it goes.
  std::span<std::uint8_t> room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ > kCapacity / 2) {
      if (size() > kCapacity / 2) begin_ = end_ - kCapacity / 2;
      std::memmove(buffer_.data(), data(), size());
      end_ = size();
      begin_ = 0;
    }
    return {buffer_.data() + end_, kCapacity - end_};
  }
  void filled(std::size_t count) { end_ += count; }

  // False: no room for all of them, none were taken.
  bool push(Bytes bytes) {
    if (bytes.size() > room().size()) return false;
    if (!bytes.empty()) std::memcpy(buffer_.data() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
    return true;
  }

  void drop(std::size_t count) { begin_ += count; }
  void clear() { begin_ = end_ = 0; }

 private:
  std::array<std::uint8_t, kCapacity> buffer_{};
  std::size_t begin_ = 0, end_ = 0;
};

// Little-endian numbers, as Dynamixel and Feetech's STS and HLS write them.
inline std::uint16_t word_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}

}  // namespace handloop::bus
